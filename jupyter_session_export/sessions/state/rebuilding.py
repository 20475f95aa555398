"""Which executions would make again what a state couldn't keep; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...insights.reads import names_read
from ...insights.sources import Source, look_at


@dataclass(frozen=True, slots=True)
class Past:
    """An execution of one kernel that ended well: its number, and its code."""

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class Rebuild:
    """`executions` make a name again, in this order; not `sure` where code can't be seen through.

    What they use besides is kept, as it is now: it may have been another value then.
    """

    executions: tuple[int, ...]
    sure: bool

    def to_json(self) -> dict[str, Any]:
        return {"executions": list(self.executions), "sure": self.sure}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rebuild:
        return cls(tuple(data["executions"]), data["sure"])


@dataclass(frozen=True, slots=True)
class _Step:
    number: int
    source: Source | None
    reads: frozenset[str]


def rebuilds(lost: Iterable[str], history: Sequence[Past]) -> dict[str, Rebuild]:
    """Return how to make each lost name again, for those that an execution is known to bind."""
    names = frozenset(lost)
    if not names:
        return {}
    sources = {ran.number: look_at(ran.code) for ran in history}
    seen = [(number, source) for number, source in sources.items() if source is not None]
    reads = dict(names_read(seen))
    steps = [
        _Step(number, source, reads.get(number, frozenset())) for number, source in sources.items()
    ]
    found = {name: _rebuild(name, names, steps) for name in names}
    return {name: rebuild for name, rebuild in found.items() if rebuild is not None}


def _rebuild(name: str, lost: frozenset[str], steps: Sequence[_Step]) -> Rebuild | None:
    """Go back from the last execution to those that made the name, and what they needed."""
    needed, executions, sure = {name}, [], True
    for step in reversed(steps):
        source = step.source
        if not needed:
            break
        if source is None or source.opaque:
            sure = False
        if source is None:
            continue
        made = needed & (source.binds | source.changes)
        if made:
            executions.append(step.number)
            # One that only changes a name needs it to be there before.
            needed -= source.binds
            needed |= (step.reads | source.later) & lost - source.binds
    if not executions or name in needed:
        return None
    return Rebuild(tuple(reversed(executions)), sure and not needed)
