"""Recordings are found, and nothing is followed out of where they are kept."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_session_export.records.recording import FROM_MODIFICATION, PassedOver, Recording
from jupyter_session_export.settings import PATTERNS, TYPES
from jupyter_session_export.workspaces.matching import Identity, Matcher
from jupyter_session_export.workspaces.recordings import OUTSIDE, Place, Recordings

MINE = Identity(42, "ab" * 16)
NAME = "cam1_session42_20250502.mp4"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "recordings").mkdir(parents=True)
    return tmp_path / "root"


def search(root: Path, *folders: str, present: datetime | None = None) -> Recordings:
    places = [Place.of(folder, str(root)) for folder in folders or ("recordings", "sessions")]
    return Recordings(
        [place for place in places if place],
        Matcher(PATTERNS, TYPES),
        MINE,
        present or datetime(2100, 1, 1, tzinfo=timezone.utc),
    )


def test_recordings_are_found_by_name_and_by_place(root: Path) -> None:
    """In the order of folders and names; others are passed by without a word."""
    placed = root / "sessions" / "Session42" / "recordings"
    placed.mkdir(parents=True)
    (placed / "door.wav").write_bytes(b"1")
    (root / "recordings" / "b").mkdir()
    (root / "recordings" / "b" / NAME).write_bytes(b"22")
    (root / "recordings" / "cam1_session4_20250502.mp4").write_bytes(b"4")
    (root / "recordings" / f".{NAME}").write_bytes(b"hidden")
    found = list(search(root))
    assert [(each.name, each.origin) for each in found] == [
        (f"b/{NAME}", f"recordings/b/{NAME}"),
        ("door.wav", "sessions/Session42/recordings/door.wav"),
    ]
    assert isinstance(found[0], Recording)
    assert found[0].size == 2
    assert isinstance(found[1], Recording)
    assert found[1].time_from == FROM_MODIFICATION
    assert found[1].time == found[1].modified


def test_a_file_that_two_folders_lead_to_is_found_once(root: Path) -> None:
    """Folders may lie within each other."""
    (root / "recordings" / NAME).write_bytes(b"1")
    assert len(list(search(root, "recordings", ".", str(root / "recordings")))) == 1


def test_links_are_not_followed_out_of_the_root(root: Path, tmp_path: Path) -> None:
    """One that leads out is told; one within the root is a file like others."""
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(b"secret")
    (root / "recordings" / NAME).symlink_to(secret)
    (root / "inside.mp4").write_bytes(b"1")
    (root / "recordings" / "cam2_session42_x.mp4").symlink_to(root / "inside.mp4")
    (root / "recordings" / "cam3_session42_x.mp4").symlink_to(root / "gone.mp4")
    (root / "recordings" / "away").symlink_to(tmp_path, target_is_directory=True)
    found = {each.name: each for each in search(root)}
    assert found.pop(NAME) == PassedOver(NAME, f"recordings/{NAME}", OUTSIDE)
    inside = found.pop("cam2_session42_x.mp4")
    assert isinstance(inside, Recording)
    assert inside.path == str((root / "inside.mp4").resolve())
    dangling = found.pop("cam3_session42_x.mp4")
    assert isinstance(dangling, PassedOver)
    assert dangling.failed
    assert not found


def test_what_is_no_file_is_told(root: Path) -> None:
    """A FIFO with a recording's name would hang whoever opens it."""
    os.mkfifo(root / "recordings" / NAME)
    assert [each.reason for each in search(root)] == ["not a regular file"]


def test_a_file_that_was_written_to_moments_ago_may_still_grow(root: Path) -> None:
    """One that was left alone for a while doesn't."""
    (root / "recordings" / NAME).write_bytes(b"1")
    modified = (root / "recordings" / NAME).stat().st_mtime
    for seconds, still in ((1, True), (3600, False)):
        present = datetime.fromtimestamp(modified, timezone.utc) + timedelta(seconds=seconds)
        (found,) = search(root, present=present)
        assert isinstance(found, Recording)
        assert found.still_written is still


def test_an_absolute_folder_needs_no_root(root: Path) -> None:
    """A server without a root folder has media elsewhere."""
    (root / "recordings" / NAME).write_bytes(b"1")
    assert Place.of("recordings", "") is None
    place = Place.of(str(root / "recordings"), "")
    assert place is not None
    present = datetime.now(timezone.utc)
    (found,) = Recordings([place], Matcher(PATTERNS, TYPES), MINE, present)
    assert found.name == NAME
    assert found.origin == str(root / "recordings" / NAME)


def test_one_file_is_judged(root: Path, tmp_path: Path) -> None:
    """Wherever it is, it is told why it is taken or not."""
    (root / "recordings" / NAME).write_bytes(b"1")
    (tmp_path / NAME).write_bytes(b"1")
    recordings = search(root)
    verdict, recording = recordings.judge(root / "recordings" / NAME)
    assert verdict.taken
    assert recording is not None
    assert "it lies in none of" in recordings.judge(tmp_path / NAME)[0].reason
    hidden = root / "recordings" / ".old" / NAME
    assert recordings.judge(hidden)[0].reason == ".old is hidden"
    gone = root / "recordings" / "cam2_session42_x.mp4"
    assert recordings.judge(gone)[0].reason.startswith("unreadable")
    nowhere = Recordings([], Matcher(PATTERNS, TYPES), MINE, datetime.now(timezone.utc))
    assert nowhere.judge(gone)[0].reason == "no folder is looked through for recordings"
