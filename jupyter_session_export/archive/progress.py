"""How far an archive is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Entries and raw bytes that are in the ZIP, and the bytes of the ZIP itself so far.

    `found_bytes` is the size of all that was found to be packed besides recorded content.
    """

    entries: int
    raw_bytes: int
    written_bytes: int
    found_bytes: int = 0


Callback = Callable[[Progress], object]
