"""The exports that lie in a session's folder: a few files for each, named by its id."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import ExportExpired
from ..records.times import from_timestamp
from ..store.faults import StoreFaults
from ..store.folder import SessionFolder, open_private, private_folder
from ..store.lasting_pins import LastingPins
from .claim import Claim

_FILE = re.compile(r"\.?(?P<id>[0-9a-f]{32})\.")
MOST_STATE_BYTES = 1024 * 1024
MOST_LINE_CHARACTERS = 1024 * 1024


class Slot:
    """The files of one export.

    `.json` is its state, `.staging` and `.table` are what a ZIP that is ready is made of,
    `.readings` is there while it is made, `.lock` while a process has it.
    """

    def __init__(self, folder: SessionFolder, export_id: str) -> None:
        self.id = export_id
        self._folder = folder
        self._pins = LastingPins(folder)
        self._claim: Claim | None = None
        self.staging = self._path("staging")
        self.readings = self._path("readings")
        self._state = self._path("json")
        self._table = self._path("table")

    def claim(self) -> bool:
        """Have it; False while somebody else does. Raises StoreUnavailable."""
        if self._claim is None:
            private_folder(self._folder.exports)
            self._claim = Claim.take(self._path("lock"))
        return self._claim is not None

    def release(self) -> None:
        """Let others have it; more than once does no harm."""
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace the state. Raises StoreUnavailable."""
        self._folder.write_private(self._state, json.dumps(state, indent=1).encode())

    def read_state(self) -> tuple[dict[str, Any], datetime] | None:
        """Return the state and when it was last used; None where there is none.

        Raises ExportExpired where it isn't one, StoreUnavailable where it can't be read.
        """
        with StoreFaults("read an export's state"):
            try:
                descriptor = open_private(self._state, os.O_RDONLY)
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(MOST_STATE_BYTES)
                used_at = from_timestamp(os.fstat(descriptor).st_mtime)
        try:
            state = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ExportExpired("An export's state is damaged.", str(error)) from error
        if not isinstance(state, dict):
            raise ExportExpired("An export's state is damaged.", "It is no JSON object.")
        return state, used_at

    def used(self) -> None:
        """Note that it is being used; where that can't be noted it is kept less long."""
        with suppress(OSError):
            os.utime(self._state)

    def keep(self, lines: Iterable[str], digests: Iterable[bytes]) -> None:
        """Write a table and pin what it needs of the record. Raises StoreUnavailable."""
        self._pins.pin(self.id, digests)
        content = "".join(f"{line}\n" for line in lines).encode()
        self._folder.write_private(self._table, content)

    def table(self) -> Iterator[str]:
        """Yield the lines of the table. Raises StoreUnavailable where it can't be read."""
        with StoreFaults("read a prepared export"):
            descriptor = open_private(self._table, os.O_RDONLY)
            with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
                while line := file.readline(MOST_LINE_CHARACTERS):
                    yield line.rstrip("\n")

    def clear(self) -> None:
        """Remove all but the state. Raises StoreUnavailable."""
        self._remove({".json", ".lock"})

    def remove(self) -> None:
        """Remove all of it. Raises StoreUnavailable."""
        self._remove({".lock"})

    def _remove(self, spared: set[str]) -> None:
        self._pins.drop(self.id)
        with StoreFaults("remove an export"):
            for path in self._folder.exports.glob(f"{self.id}.*"):
                if path.suffix not in spared:
                    path.unlink(missing_ok=True)
            # What somebody was about to write when the process was killed.
            for path in self._folder.exports.glob(f".{self.id}.*"):
                path.unlink(missing_ok=True)

    def _path(self, suffix: str) -> Path:
        return self._folder.exports / f"{self.id}.{suffix}"


def slots_in(folder: SessionFolder) -> list[Slot]:
    """Return a slot for each export of which anything lies there. Raises StoreUnavailable."""
    with StoreFaults("list the exports"):
        try:
            names = [path.name for path in folder.exports.iterdir()]
        except FileNotFoundError:
            return []
    found = {match["id"] for name in names if (match := _FILE.match(name))}
    return [Slot(folder, export_id) for export_id in sorted(found)]
