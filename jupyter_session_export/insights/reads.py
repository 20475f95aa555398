"""Which names a run reads, also by way of functions that were defined before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .sources import Source

Later = Mapping[str, frozenset[str]]


def names_read(sources: Iterable[tuple[int, Source]]) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield what each run of one kernel reads; runs are numbers, in the order in which they ran."""
    later: dict[str, frozenset[str]] = {}
    for number, source in sources:
        yield number, _followed(source.uses, later)
        for name in source.binds | source.removes:
            later.pop(name, None)
        if source.later:
            # Which of its names are functions isn't known: each may be.
            later.update(dict.fromkeys(source.binds, source.later - source.binds))


def _followed(names: frozenset[str], later: Later) -> frozenset[str]:
    """Return names with all that functions among them read when they are called."""
    if not later or later.keys().isdisjoint(names):
        return names
    found, ahead = set(names), list(names)
    while ahead:
        new = later.get(ahead.pop(), frozenset()) - found
        found |= new
        ahead += new
    return frozenset(found)
