"""How much a ZIP may unpack to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a ZIP unpacks to; beyond one of them it is refused.

    `max_bytes` are of all files together, default 100 GB. `max_files` counts members, default
    500,000. `max_ratio` is unpacked to packed bytes of all members, default 200: text with much
    repetition stays far below, while deflate could reach 1,032. A ZIP that unpacks to
    `harmless_bytes` or less (256 MB) may have any ratio.
    """

    max_bytes: int = 100 * 1000**3
    max_files: int = 500_000
    max_ratio: float = 200.0
    harmless_bytes: int = 256 * 1000**2

    @property
    def directory_bytes(self) -> int:
        """What a directory of so many members may take; it is read whole."""
        return max(16 * 1024**2, 256 * self.max_files)
