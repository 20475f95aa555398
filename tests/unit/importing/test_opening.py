"""A directory is read whole, so it is bounded."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from jupyter_session_export.errors import ArchiveRefused
from jupyter_session_export.importing.limits import Limits
from tests.unit.importing.hostile import Evil, zipped
from tests.unit.importing.imports import imported


def test_a_directory_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """Python's zipfile reads it whole: by then it would be too late."""
    limits = Limits(max_files=1)
    size = limits.directory_bytes + 1
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, size, 0, 0)
    with pytest.raises(ArchiveRefused, match="directory is too large"):
        imported(bytes(size) + end, tmp_path, limits)
    many = zipped(Evil(f"{number}", b"") for number in range(30_000))
    with pytest.raises(ArchiveRefused, match="holds 30,000 files"):
        imported(many, tmp_path, Limits(max_files=10))
