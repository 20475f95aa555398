from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.errors import FileMissing, StoreUnavailable
from jupyter_session_export.workspaces.tombstones import (
    buried_name,
    bury,
    dissolve,
    raise_up,
    tombstones_in,
)

ID = "0123456789abcdef" * 2


@pytest.fixture
def session(tmp_path: Path) -> Path:
    folder = tmp_path / ID
    folder.mkdir()
    (folder / "file").write_bytes(b"12")
    return folder


def test_a_folder_is_renamed_and_then_removed(session: Path) -> None:
    """From the first step on it has another name."""
    tombstone = bury(session)
    assert not session.exists()
    assert list(tombstones_in(session.parent)) == [tombstone]
    assert buried_name(tombstone) == ID
    assert dissolve(tombstone, lambda: None).bytes == 2
    assert not tombstone.exists()


def test_a_folder_can_come_back(session: Path) -> None:
    """As long as nothing of it was removed."""
    raise_up(bury(session))
    assert (session / "file").read_bytes() == b"12"


def test_links_and_others_are_no_tombstones(session: Path) -> None:
    """Nothing but folders that were renamed so."""
    (session.parent / f".removed-{ID}").symlink_to(session)
    (session.parent / ".removed-x").mkdir()
    assert list(tombstones_in(session.parent)) == []
    assert list(tombstones_in(session.parent / "none")) == []
    with pytest.raises((FileMissing, StoreUnavailable)):
        dissolve(session.parent / f".removed-{ID}", lambda: None)
    assert (session / "file").exists()
