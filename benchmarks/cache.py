"""The one folder that outlives a run: corpora, and the npm package of a peer."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder, this account's own."""
    account = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"jupyter_session_export-benchmarks-{account}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def built_once(name: str, build: Callable[[Path], None]) -> Path:
    """Return a cached folder, built beside its place first, so that half of one is never used."""
    folder = cache_folder() / name
    if not folder.exists():
        draft = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=cache_folder()))
        try:
            build(draft)
            with suppress(OSError):
                draft.rename(folder)
        finally:
            # There is still a draft when the build failed, or another run was there first.
            shutil.rmtree(draft, ignore_errors=True)
    return folder
