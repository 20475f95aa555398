"""A journal from what was sealed of it, and back to the lines that it had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..content.codec import unseal
from ..records.content import Member
from ..records.execution import ExecutionKey, Status
from .bounded import BoundedJournal
from .refs import resolve_texts
from .sealing import RAW
from .sink import FILES, JOURNAL, STDERR, STDOUT, Blobs, Sink, Spool

SPOOLED = {RAW: JOURNAL, STDOUT: STDOUT, STDERR: STDERR}
"""The members that a journal is made of."""


def restore(journal: BoundedJournal, members: Iterable[Member], blobs: Blobs) -> None:
    """Put back what was sealed. Raises ContentDamaged."""
    for member in members:
        if member.name in SPOOLED:
            kept = blobs.open(member.sealed)
            journal.restore(SPOOLED[member.name], unseal(member.sealed, kept))


def lines_of(journal: BoundedJournal, blobs: Blobs) -> Iterator[dict[str, Any]]:
    """Yield a journal's lines with all texts that tell how it went. Raises ContentDamaged."""
    return (resolve_texts(line, blobs) for line in journal.view().lines())


def spooled_sizes(spool: Spool) -> dict[str, int]:
    """Return how many bytes of each file a crashed writer left, tails included."""
    return {name: sum(part.size(name) for part in (spool, *spool.tails())) for name in FILES}


def has_sealed(
    sink: Sink, key: ExecutionKey, sizes: dict[str, int], journal: BoundedJournal
) -> bool:
    """Tell whether the record has all of a journal, which was only kept for what might come.

    `sizes` are those of its spool before it was adopted.
    """
    execution, members = sink.find(key) or (None, [])
    if execution is None or execution.status is Status.RUNNING:
        return False
    sealed = {SPOOLED[m.name]: m.sealed.size for m in members if m.name in SPOOLED}
    if not journal.is_cut:
        # It only ever grows, and what was sealed need not all have been flushed.
        return all(size <= sealed.get(name, 0) for name, size in sizes.items())
    marks = {name: journal.view().size(name) - journal.size(name) for name in FILES}
    return journal.left_out == execution.left_out and all(
        sealed.get(name, 0) == size + marks[name] for name, size in sizes.items()
    )
