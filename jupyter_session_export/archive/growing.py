"""Text of the archive's own that is sealed while it grows: at its end nothing is left to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..content.codec import Sealer
from ..content.deflating import Fast
from ..records.content import Sealed

LINES_PER_BLOCK = 512


class Grown(NamedTuple):
    """What was sealed, and its kept bytes."""

    sealed: Sealed
    kept: Sequence[bytes]


class Growing:
    """Lines that are deflated and hashed some hundred at a time.

    They are for files with a line for each entry of an export. To deflate those
    harder would take as long as to walk the entries, and gain little.
    """

    def __init__(self, begin: str = "") -> None:
        self._open = [begin]
        self._kept: list[bytes] = []
        self._sealer = Sealer(how=Fast())
        self._grown: Grown | None = None

    def add(self, line: str) -> None:
        """Add a line with all that separates it from others. What comes after `grown` is not in."""
        self._open.append(line)
        if len(self._open) >= LINES_PER_BLOCK:
            self._seal()

    def grown(self, end: str = "") -> Grown:
        """Seal all there is; `end` comes last. Once it is sealed it stays so."""
        if self._grown is None:
            self._open.append(end)
            self._seal()
            self._kept.append(self._sealer.finish())
            self._grown = Grown(self._sealer.sealed, tuple(self._kept))
        return self._grown

    def _seal(self) -> None:
        if self._grown is None:
            self._kept.append(self._sealer.add("".join(self._open).encode()))
        self._open.clear()
