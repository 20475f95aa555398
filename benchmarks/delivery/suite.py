"""Delivery: slow and many clients, cancelling, resuming, 10 GB, and trees that are hostile."""

from __future__ import annotations

from collections.abc import Iterator

from ..bench import Bench
from ..table import Result
from . import cancels, clients, cuts, hostile, large


def run(bench: Bench) -> Iterator[Result]:
    """Measure each in turn; what a peer does stands beside it."""
    yield from clients.run(bench)
    yield from cancels.run(bench)
    yield from cuts.run(bench)
    yield from large.run(bench)
    yield from hostile.run(bench)
