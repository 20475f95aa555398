"""What notebooks had before outputs were restored into them, kept for whoever wants it back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import NothingToUndo
from ..store.undo_files import MOST_KEPT, Place, UndoFiles
from .restoration import Written

MOST_DIGESTS = 4
"""Of the outputs that a cell was given one after the other."""


@dataclass(frozen=True, slots=True)
class Kept:
    """That something is kept of a place now; `before` is the file that it had, if any."""

    place: Place
    before: bytes | None


class UndoFolder:
    """What is kept of each notebook and owner. Each call may raise StoreUnavailable."""

    def __init__(self, data_dir: Path) -> None:
        self._files = UndoFiles(data_dir)

    def keep(self, place: Place, written: Sequence[Written]) -> Kept:
        """Keep what a notebook had, before it is written.

        Of a cell that has what it was given before, what it had at first still counts.
        """
        before = self._files.read(place)
        merged = _merged(_parsed(before) or [], written)
        document = {"notebook": place.notebook, "written": [one.to_json() for one in merged]}
        self._files.write(place, json.dumps(document).encode())
        return Kept(place, before)

    def take_back(self, kept: Kept) -> None:
        """Have it as if nothing was kept: the notebook wasn't written."""
        if kept.before is None:
            self._files.remove(kept.place)
        else:
            self._files.write(kept.place, kept.before)

    def of(self, place: Place) -> list[Written]:
        """Return what a notebook had. Raises NothingToUndo."""
        written = _parsed(self._files.read(place))
        if written is None:
            raise NothingToUndo(
                "There is nothing to undo in this notebook.",
                f"What was restored into each of the last {MOST_KEPT} notebooks can be undone.",
            )
        return written

    def newest(self, notebook: str, owners: Iterable[str]) -> Place:
        """Return the place of the owner for whom a notebook was restored last, or nobody's."""
        places = [Place(owner, notebook) for owner in owners]
        return self._files.newest(places) or Place("", notebook)

    def forget(self, place: Place) -> None:
        """Remove what was undone."""
        self._files.remove(place)


def _parsed(content: bytes | None) -> list[Written] | None:
    """Return what a file has; None where it is missing or no version of this wrote it."""
    if content is None:
        return None
    try:
        return [Written.from_json(one) for one in json.loads(content)["written"]]
    except (ValueError, KeyError, TypeError):
        return None


def _merged(earlier: Iterable[Written], later: Iterable[Written]) -> Iterator[Written]:
    """Yield what each cell had before; one that was run in between had the results of that."""
    rest = {one.key: one for one in earlier}
    for one in later:
        first = rest.pop(one.key, None)
        if first is not None and one.replaced in first.digests:
            digests = (*first.digests, *one.digests)[-MOST_DIGESTS:]
            yield replace(one, before=first.before, replaced=first.replaced, digests=digests)
        else:
            yield one
    yield from rest.values()
