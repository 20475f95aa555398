"""How far an archive is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Entries and raw bytes that are in the ZIP, and the bytes of the ZIP itself so far."""

    entries: int
    raw_bytes: int
    written_bytes: int


Callback = Callable[[Progress], object]
