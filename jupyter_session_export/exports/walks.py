"""What lies on disk of a session: counted at most so often that counting costs little."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..archive.survey import survey_folders
from ..errors import SessionExportError
from ..records.session import Session
from ..store.folder import SessionFolder
from ..workspaces.listing import bytes_below
from .belongings import Belongings
from .gathering import excluded_from, folders_of

WALK_SECONDS = 1.0
"""A workspace that takes longer to go through is not counted."""
REST = 20
"""What took long to count is not counted again for so many times as long."""
MOST_REMEMBERED = 1000


class _TooLong(SessionExportError):
    """The folders hold more than can be counted in passing."""


@dataclass(frozen=True, slots=True)
class _Known:
    value: Any
    until: float


class Walks:
    """Counts files; any thread."""

    def __init__(self, belongings: Belongings | None, *, include_hidden: bool) -> None:
        self._belongings = belongings
        self._include_hidden = include_hidden
        self._known: dict[tuple[object, ...], _Known] = {}

    def outputs(self, folder: SessionFolder) -> dict[str, int]:
        """Count the session's own files."""

        def count() -> dict[str, int]:
            found = bytes_below(folder.outputs)
            return {"count": found.files, "bytes": found.bytes}

        counted: dict[str, int] = self._remembered(("outputs", folder.session_id), count)
        return counted

    def belonging(self, session: Session, folder: SessionFolder) -> dict[str, Any]:
        """Count recordings, and the files of readings; nothing where none are looked for."""
        belongings = self._belongings
        if belongings is None:
            return {}
        counted: dict[str, Any] = self._remembered(
            ("belongings", session.id), lambda: belongings.stats(session, folder.path)
        )
        return counted

    def workspace(
        self, session: Session, folder: SessionFolder, notebooks: Sequence[str]
    ) -> tuple[int, int] | None:
        """Count the files and bytes in the notebooks' folders; None where that takes too long."""

        def count() -> tuple[int, int] | None:
            places = folders_of(notebooks, session.root)
            deadline = time.monotonic() + WALK_SECONDS

            def check() -> None:
                if time.monotonic() > deadline:
                    raise _TooLong("The workspace is too large to count.")

            try:
                return survey_folders(
                    places,
                    include_hidden=self._include_hidden,
                    excluded=excluded_from(folder.path.parents[1]),
                    check=check,
                )
            except _TooLong:
                return None

        counted: tuple[int, int] | None = self._remembered(
            ("workspace", session.id, *notebooks), count
        )
        return counted

    def _remembered(self, what: tuple[object, ...], count: Callable[[], Any]) -> Any:
        began = time.monotonic()
        known = self._known.get(what)
        if known is not None and began < known.until:
            return known.value
        value = count()
        ended = time.monotonic()
        self._known[what] = _Known(value, ended + REST * (ended - began))
        while len(self._known) > MOST_REMEMBERED:
            self._known.pop(next(iter(self._known)), None)
        return value
