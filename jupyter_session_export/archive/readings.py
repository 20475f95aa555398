"""What the archive asks of the readings of a session, whatever they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ..records.reading import ReadingFigures, Rejection, Series
from ..records.recording import PassedOver


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is made of readings; `path` is below `data/`."""

    path: str
    chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class SourceCopy:
    """A file that readings were taken from, packed as it came; `name` is also its `origin`."""

    name: str
    path: Path
    root: Path
    size: int
    inode: tuple[int, int]
    modified: datetime


class Readings(Protocol):
    """The readings of one export; `gather` comes first."""

    def gather(self) -> None:
        """Read all of them; takes as long as that takes."""

    @property
    def figures(self) -> ReadingFigures:
        """How many there are."""

    def documents(self) -> Iterator[Document]:
        """Yield the files that are made of them; none where there is nothing."""

    def sources(self) -> Iterator[SourceCopy | PassedOver]:
        """Yield the files that they came from."""

    def rejections(self) -> Iterator[Rejection]:
        """Yield what no reading could be made of."""

    def series(self) -> Iterator[Series]:
        """Yield what each sensor of each device gave."""
