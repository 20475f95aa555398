"""Imports a ZIP that is in memory, and looks at what came of it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from jupyter_session_export.importing.importing import Imported, import_archive
from jupyter_session_export.importing.limits import Limits
from jupyter_session_export.importing.place import Place


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


def imported(
    data: bytes,
    folder: Path,
    limits: Limits = Limits(),  # noqa: B008 - a frozen value
    report: Callable[[str, int, int], object] = silent,
) -> Imported:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return import_archive(file, Place(folder, "export"), limits, report)


def below(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
