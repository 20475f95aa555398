"""The same code run again and again, without anything that it uses having changed."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest
from operator import itemgetter

from ..records.finding import LOW, MEDIUM, Finding
from .evidence import MOST_OF_A_KIND, added, finding, named, times
from .sources import Source
from .timeline import Run, Timeline

REPEATS, REPEAT_SECONDS = 3, 2.0
"""So many runs alike, of which all but the first take so long."""


def find_repeats(timeline: Timeline) -> Iterator[Finding]:
    """Find runs that could only do again what was done before."""
    repeated: list[tuple[float, list[Run]]] = []
    for runs in timeline.by_kernel.values():
        known = _Effects(timeline)
        alike: dict[int, list[Run]] = {}
        for run in runs:
            effect = known.of(run)
            if effect is not None and run.ended_well and run.seconds is not None:
                alike.setdefault(effect, []).append(run)
        for same in (runs for runs in alike.values() if len(runs) >= REPEATS):
            again = added(run.seconds for run in same[1:])
            if again >= REPEAT_SECONDS:
                repeated.append((again, same))
    for again, same in nlargest(MOST_OF_A_KIND, repeated, key=itemgetter(0)):
        yield _repeated(timeline, same, again)


def _repeated(timeline: Timeline, runs: list[Run], again: float) -> Finding:
    looked_at = timeline.source_of(runs[0]) is not None
    return finding(
        "REPEATED",
        runs,
        what=f"{named(runs[0])} ran {times(len(runs))} with the same code, and nothing that it "
        f"uses had changed; the repeats took {again:,.1f} s.",
        advice="Keep its result in a variable or a file, or run it only when something changed.",
        figures={
            "runs": len(runs),
            "repeats_seconds": again,
            "first_seconds": runs[0].seconds or 0.0,
        },
        saving=again,
        sure=(MEDIUM, "the names that it uses were not bound anew between; files and services may")
        if looked_at
        else (LOW, "it ran in a row, with nothing between; what it uses isn't known"),
    )


class _Effects:
    """Tells what a run does by its code and what its names stood for, in one kernel.

    Runs that can only do the same have the same number. So what a name is bound to counts
    as unchanged when the run that binds it does the same as before.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._versions: dict[str, int] = {}
        self._modules: set[str] = set()
        self._sources: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {}
        self._anything = 0
        self._row: tuple[str, str] | None = None

    def of(self, run: Run) -> int | None:
        """Take the next run into account; None where its code isn't known."""
        source = self._timeline.source_of(run)
        if run.source is None or source is None:
            return self._unknown(run)
        names, touched = self._sources.get(run.source) or self._prepare(run.source, source)
        reads = self._timeline.reads_of(run)
        if reads is not source.uses:
            # By way of functions it reads more than its own code says.
            names = tuple(sorted(reads | source.later))
        used = tuple(map(self._versions.get, names))
        effect = hash((run.kernel, run.source, self._anything, names, used))
        self._bind(source, touched, effect)
        self._row = None
        return effect

    def _prepare(self, digest: str, source: Source) -> tuple[tuple[str, ...], frozenset[str]]:
        """Return what a source reads and binds: some run a thousand times."""
        names = tuple(sorted(source.uses | source.later)), source.binds | source.removes
        self._sources[digest] = names
        return names

    def _unknown(self, run: Run) -> int | None:
        """Whatever ran may have changed anything; alike are only runs in a row."""
        if run.source is None:
            self._anything, self._row = run.number, None
            return None
        row = run.kernel, run.source
        if self._row != row:
            self._anything, self._row = run.number, row
        # The number of the first in the row, which is no other effect's: those are hashes.
        return self._anything

    def _bind(self, source: Source, touched: frozenset[str], effect: int) -> None:
        if source.opaque:
            self._anything = effect
        self._modules |= source.modules
        self._versions.update(dict.fromkeys(touched, effect))
        # A module's functions are called for their effect, and leave the module as it is.
        if changed := source.changes - self._modules:
            self._versions.update(dict.fromkeys(changed, effect))
