"""What a prepared archive keeps on disk, and its table."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_session_export.archive.chunks import CHUNK_BYTES
from jupyter_session_export.archive.files import Identity
from jupyter_session_export.archive.segments import Kept, Media, Segment, Segments, Staged
from jupyter_session_export.archive.staging import DEFAULT_LIMIT, StagingFile, limit_of
from jupyter_session_export.errors import SourceChanged
from jupyter_session_export.records.content import STORED, Sealed

LENGTHS = st.integers(0, 1000)
SEGMENTS = st.lists(
    st.builds(Staged, st.integers(0, 1 << 40), LENGTHS)
    | LENGTHS.map(lambda n: Kept(Sealed("ab" * 32, n, n, 1, STORED)))
    | LENGTHS.map(lambda n: Media("a", "/", 1, Identity(1, 2, n, 3)))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=500_000), min_size=1, max_size=5))
def test_what_was_appended_is_read(tmp_path: Path, pieces: list[bytes]) -> None:
    """At any place, after it was closed and by another process too."""
    (tmp_path / "staging").unlink(missing_ok=True)
    staging = StagingFile(tmp_path / "staging")
    for piece in pieces:
        staging.append(piece)
    staging.flush()
    staging.close()
    whole = b"".join(pieces)
    again = StagingFile(tmp_path / "staging")
    assert staging.size == again.size == len(whole)
    half = len(whole) // 2
    assert b"".join(again.read(half, len(whole) - half)) == whole[half:]


def test_a_patch_changes_what_is_there(tmp_path: Path) -> None:
    """And what is appended afterwards still goes to the end."""
    staging = StagingFile(tmp_path / "staging")
    staging.append(b"head, body")
    staging.patch(0, b"HEAD")
    staging.append(b", tail")
    staging.flush()
    assert b"".join(staging.read(0, staging.size)) == b"HEAD, body, tail"


def test_room_ends_at_the_limit(tmp_path: Path) -> None:
    """It counts down and never below nothing."""
    staging = StagingFile(tmp_path / "staging", limit=10)
    assert staging.room == 10
    staging.append(bytes(20))
    assert staging.room == 0


def test_the_limit_leaves_room_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is half of what is free, and 8 GiB at most."""
    usage = shutil.disk_usage(tmp_path)
    for free, limit in ((1000, 500), (0, 0), (1 << 50, DEFAULT_LIMIT)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        assert limit_of(tmp_path) == limit


def test_a_staging_that_was_cut_is_noticed(tmp_path: Path) -> None:
    """It can't give more than it has."""
    staging = StagingFile(tmp_path / "staging")
    staging.append(bytes(10))
    staging.close()
    with pytest.raises(SourceChanged):
        b"".join(staging.read(5, 10))


@given(SEGMENTS)
def test_a_table_is_read_back(items: list[Segment]) -> None:
    """As JSON, with neighbours in the staging joined."""
    segments = table(items)
    again = Segments.from_rows(segments.rows())
    assert list(again) == list(segments)
    assert again.length == segments.length == sum(item.length for item in items)


@given(SEGMENTS, st.integers(0, 3000), st.integers(1, 3000))
def test_a_range_of_a_table_has_its_length(items: list[Segment], start: int, size: int) -> None:
    """No byte of it is missing or there twice."""
    segments = table(items)
    end = min(start + size, segments.length)
    parts = list(segments.between(start, end)) if start < end else []
    assert sum(last - first for _, first, last in parts) == max(0, end - start)
    assert all(0 <= first < last <= segment.length for segment, first, last in parts)


def table(items: list[Segment]) -> Segments:
    segments = Segments()
    for item in items:
        segments.add(item)
    return segments


@pytest.mark.parametrize(
    "row",
    [
        ["staged", None, 1],
        ["staged", -1, 1],
        ["staged", 1 << 64, 1],
        ["kept", None, 1, 1, 1, 0],
        ["kept", "ab", 1, 1, 1, 0],
        ["kept", "ab" * 32, 1, [], 1, 0],
        ["media", "a", "/", 1, 1, 2, 1.5, 3],
    ],
)
def test_a_damaged_table_is_refused(row: list[Any]) -> None:
    """Before anybody asks for its bytes."""
    with pytest.raises((TypeError, ValueError)):
        Segments.from_rows([row])


def test_a_full_disk_keeps_no_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its space would not be free again before the server ends, though it is removed."""
    staging = StagingFile(tmp_path / "staging")
    staging.append(bytes(CHUNK_BYTES))
    staging.append(b"what comes last")

    def full(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = psutil.Process().num_fds()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            staging.close()
    assert psutil.Process().num_fds() == before - 1
    staging.close()
