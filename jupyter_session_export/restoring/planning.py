"""What becomes of a notebook's cells by what several sessions recorded of it."""

from __future__ import annotations

from collections.abc import Sequence

from .cells import CellRuns
from .decisions import Decision, Wish, decide, match
from .notebook import CodeCell


def plan(cells: Sequence[CodeCell], runs: CellRuns, wish: Wish) -> list[Decision]:
    """Read the records, and decide for each cell. It hashes all cells; raises StoreError."""
    named, unnamed = runs.of_kernel(wish.kernel) if wish.kernel else runs.of_notebook()
    known = runs.digests(wish.kernel)
    return decide(cells, match(cells, named, unnamed), known, force=wish.force)
