from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreDamaged, StoreUnavailable
from jupyter_session_export.records.session import Session
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.session_file import read_session, write_session


@pytest.fixture
def session(folder: SessionFolder, at: datetime) -> Session:
    return Session(
        id=folder.session_id,
        number=3,
        owner="ada \ud800",
        guest=False,
        root="/home/ada",
        started_at=at,
        last_active_at=at,
    )


def test_it_reads_what_was_written(folder: SessionFolder, session: Session) -> None:
    """A session comes back as it was, lone surrogates included."""
    write_session(folder, session, durable=True)
    assert read_session(folder) == session


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"{}", b"\xff", b'{"id": 1}', b'{"id": "1", "number": 1']
)
def test_nonsense_is_damage(folder: SessionFolder, content: bytes) -> None:
    """What is no session is told as damage, with the reason."""
    folder.session_json.write_bytes(content)
    with pytest.raises(StoreDamaged) as caught:
        read_session(folder)
    assert "session.json" in (caught.value.detail or "")


def test_missing_is_damage(folder: SessionFolder) -> None:
    """A folder without its session.json is a damaged session."""
    with pytest.raises(StoreDamaged, match=folder.session_id):
        read_session(folder)


def test_anothers_file_is_damage(folder: SessionFolder, session: Session) -> None:
    """A session.json that was copied from elsewhere is not believed."""
    folder.session_json.write_text(json.dumps(session.to_json() | {"id": "1" * 32}))
    with pytest.raises(StoreDamaged):
        read_session(folder)


def test_an_unreadable_file_is_unavailable(folder: SessionFolder, tmp_path: Path) -> None:
    """What the system refuses is told from what is damaged."""
    folder.session_json.mkdir()
    with pytest.raises(StoreUnavailable):
        read_session(folder)
