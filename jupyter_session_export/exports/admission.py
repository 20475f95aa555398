"""Whether an owner may have more threads: those that hang already are bounded."""

from __future__ import annotations

from ..archive.hanging import HANGING
from ..errors import TooManyExports

MOST_HANGING = 24
"""Threads of one process that may hang; with so many, nobody gets another one."""
MOST_HANGING_OF_ONE = 8
"""Threads of one owner that may hang; the others go on."""


def admit(owner: str) -> None:
    """Let an owner have threads for an export. Raises TooManyExports where too many hang."""
    mine, all_of_them = HANGING.of(owner), HANGING.all()
    if len(mine) < MOST_HANGING_OF_ONE and len(all_of_them) < MOST_HANGING:
        return
    where = f" One hangs at {mine[0].place}." if mine else ""
    raise TooManyExports(
        f"{len(mine or all_of_them)} threads of earlier exports hang in files that don't answer.",
        f"See that the disk or network folder answers again, or restart the server.{where}",
    )
