"""What notebooks had before outputs were restored into them, kept for whoever wants it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from ..errors import NothingToUndo
from ..store.faults import StoreFaults
from ..store.folder import SessionFolder, private_folder
from .restoration import Written

MOST_KEPT = 50
"""Notebooks; then those go that were restored first."""


class UndoFolder:
    """`<data_dir>/restored/`: a file for each notebook. Each call may raise StoreUnavailable."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "restored"

    def keep(self, notebook: str, written: Sequence[Written]) -> None:
        """Keep what a notebook had; of one that was restored twice only the last time counts."""
        document = {"notebook": notebook, "written": [one.to_json() for one in written]}
        with StoreFaults("keep what the notebook had before"):
            private_folder(self._folder)
            folder = SessionFolder(self._folder)
            folder.write_private(self._path(notebook), json.dumps(document).encode())
            self._forget_oldest()

    def of(self, notebook: str) -> list[Written]:
        """Return what a notebook had. Raises NothingToUndo."""
        with StoreFaults("read what the notebook had before"):
            try:
                document = json.loads(self._path(notebook).read_bytes())
                return [Written.from_json(one) for one in document["written"]]
            except (FileNotFoundError, ValueError, KeyError, TypeError):
                raise NothingToUndo(
                    "There is nothing to undo in this notebook.",
                    f"What was restored last into each of {MOST_KEPT} notebooks can be undone.",
                ) from None

    def forget(self, notebook: str) -> None:
        """Remove what was undone."""
        with StoreFaults("remove what was undone"):
            self._path(notebook).unlink(missing_ok=True)

    def _path(self, notebook: str) -> Path:
        name = hashlib.sha256(notebook.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self._folder / f"{name}.json"

    def _forget_oldest(self) -> None:
        files = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in files[:-MOST_KEPT]:
            path.unlink(missing_ok=True)
