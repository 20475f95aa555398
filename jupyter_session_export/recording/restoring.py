"""A journal from what was sealed of it, and back to the lines that it had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ..content.codec import unseal
from ..records.content import Member
from ..records.execution import ExecutionKey, Status
from ..records.times import from_timestamp, now
from .journal import FILES, Journal
from .refs import resolve_texts
from .sealing import RAW
from .sink import JOURNAL, STDERR, STDOUT, Blobs, Sink, Spool

SPOOLED = {RAW: JOURNAL, STDOUT: STDOUT, STDERR: STDERR}
"""The members that a journal is made of."""


def restore(journal: Journal, members: Iterable[Member], blobs: Blobs) -> None:
    """Put back what was sealed. Raises ContentDamaged."""
    for member in members:
        if member.name in SPOOLED:
            kept = blobs.open(member.sealed)
            journal.restore(SPOOLED[member.name], unseal(member.sealed, kept))


def lines_of(journal: Journal, blobs: Blobs) -> Iterator[dict[str, Any]]:
    """Yield a journal's lines with all texts that tell how it went. Raises ContentDamaged."""
    return (resolve_texts(line, blobs) for line in journal.view().lines())


def has_sealed(sink: Sink, key: ExecutionKey, sizes: dict[str, int]) -> bool:
    """Tell whether the record has all of a journal, which was only kept for what might come."""
    execution, members = sink.find(key) or (None, [])
    sealed = {SPOOLED[m.name]: m.sealed.size for m in members if m.name in SPOOLED}
    return (
        execution is not None
        and execution.status is not Status.RUNNING
        and all(sealed.get(name, 0) == size for name, size in sizes.items())
    )


def last_written(spool: Spool) -> datetime:
    """Return when its writer was last heard of."""
    paths = [path for path in map(spool.path, FILES) if path.exists()]
    times = [from_timestamp(path.stat().st_mtime) for path in paths]
    return max(times, default=now())
