"""A private folder on the sessions' file system, for what can only be known by trying it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def nearest(folder: Path) -> Path:
    """Return the folder, or that above it in which it would be made."""
    existing = (each for each in (folder, *folder.parents) if each.exists() or each.is_symlink())
    return next(existing, Path(folder.anchor))


@contextmanager
def trial_folder(data_dir: Path) -> Iterator[Path]:
    """Make a folder where sessions lie or would lie; it goes at the end. Raises OSError."""
    folder = nearest(data_dir / "sessions") / f".session-export-doctor-{secrets.token_hex(6)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
