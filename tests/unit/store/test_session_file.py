from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreDamaged, StoreUnavailable
from jupyter_session_export.records.session import Counts, Session
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.session_file import (
    SETTLED_NANOSECONDS,
    KnownSessions,
    read_session,
    write_session,
)


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


def test_counts_come_back(folder: SessionFolder, session: Session) -> None:
    """What an older version wrote has none, and nonsense is none."""
    counted = replace(session, counts=Counts(notebooks=1, executions=2, errors=3, kernels=4))
    write_session(folder, counted)
    assert read_session(folder) == counted
    for content in ({}, {"counts": {"executions": 1}}, {"counts": {"executions": "x"}}):
        old = {name: value for name, value in session.to_json().items() if name != "counts"}
        folder.session_json.write_text(json.dumps(old | content))
        assert read_session(folder).counts is None


def test_a_file_is_read_once(folder: SessionFolder, session: Session) -> None:
    """As long as it is the same file: known is what was read of it."""
    known = KnownSessions()
    write_session(folder, session)
    settle(folder)
    first = read(known, folder)
    assert read(known, folder) is first
    write_session(folder, replace(session, number=4))
    assert read(known, folder).number == 4
    settle(folder)
    assert read(known, folder).number == 4
    known.keep(())
    assert read(known, folder) is not first


def test_a_young_file_is_read_again(folder: SessionFolder, session: Session) -> None:
    """Its clock may not tell two writings apart."""
    known = KnownSessions()
    write_session(folder, session)
    assert read(known, folder) is not read(known, folder)


def read(known: KnownSessions, folder: SessionFolder) -> Session:
    return known.read(str(folder.path.parent), folder.session_id)


def settle(folder: SessionFolder) -> None:
    """Make the file as old as one that nobody is about to replace."""
    at = time.time_ns() - 2 * SETTLED_NANOSECONDS
    os.utime(folder.session_json, ns=(at, at))
