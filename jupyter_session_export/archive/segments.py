"""The table of a prepared archive: which bytes of the ZIP come from where."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..records.content import Sealed
from .files import Identity

DIGEST_BYTES = 32
MOST = 1 << 63


@dataclass(frozen=True, slots=True)
class Staged:
    """A range of the staging."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Sealed content of the store."""

    sealed: Sealed

    @property
    def length(self) -> int:
        return self.sealed.stored_size


@dataclass(frozen=True, slots=True)
class Media:
    """A file sent as it is: `crc32` is of its content, `identity` tells that it is the same."""

    path: str
    root: str
    crc32: int
    identity: Identity

    @property
    def length(self) -> int:
        return self.identity.size


Segment = Staged | Kept | Media


class Segments:
    """Segments in order; neighbours in the staging are one."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._items: list[Segment] = []
        self.length = 0

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._items)

    def add(self, segment: Segment) -> None:
        """Add a segment at the end."""
        last = self._items[-1] if self._items else None
        if not segment.length:
            return
        if (
            isinstance(segment, Staged)
            and isinstance(last, Staged)
            and last.offset + last.length == segment.offset
        ):
            self._items[-1] = Staged(last.offset, last.length + segment.length)
        else:
            self._starts.append(self.length)
            self._items.append(segment)
        self.length += segment.length

    def between(self, start: int, end: int) -> Iterator[tuple[Segment, int, int]]:
        """Yield segments with the range of each that lies between two bytes of the ZIP."""
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self._items) and self._starts[index] < end:
            segment, begins = self._items[index], self._starts[index]
            yield segment, max(0, start - begins), min(segment.length, end - begins)
            index += 1

    def __len__(self) -> int:
        return len(self._items)

    def rows(self) -> Iterator[list[Any]]:
        """Yield the table as JSON, a short list for each segment."""
        return map(_to_json, self._items)

    @classmethod
    def from_rows(cls, rows: Iterable[list[Any]]) -> Segments:
        """Read what `rows` gave. Raises TypeError, KeyError or ValueError on another layout."""
        segments = cls()
        for kind, *fields in rows:
            segment = _FROM_JSON[kind](*fields)
            _require_numbers(segment)
            segments.add(segment)
        return segments


def _to_json(segment: Segment) -> list[Any]:
    if isinstance(segment, Staged):
        return ["staged", segment.offset, segment.length]
    if isinstance(segment, Kept):
        return ["kept", *segment.sealed]
    return ["media", segment.path, segment.root, segment.crc32, *segment.identity]


def _require_numbers(segment: Segment) -> None:
    """Raise ValueError where a piece of the ZIP is no place and no length."""
    numbers: tuple[Any, ...]
    if isinstance(segment, Staged):
        numbers = (segment.offset, segment.length)
    elif isinstance(segment, Media):
        numbers = (segment.crc32, segment.identity.size)
    else:
        sealed = segment.sealed
        numbers = (sealed.size, sealed.stored_size, sealed.crc32, sealed.method)
    if any(type(number) is not int or not 0 <= number < MOST for number in numbers):
        raise ValueError(f"{numbers} are not what a segment has")


def _kept(digest: str, *fields: Any) -> Kept:
    if len(bytes.fromhex(digest)) != DIGEST_BYTES:
        raise ValueError(f"{digest!r} is no SHA-256")
    return Kept(Sealed(digest, *fields))


def _media(path: str, root: str, crc32: int, *identity: Any) -> Media:
    return Media(path, root, crc32, Identity(*identity))


_FROM_JSON: dict[str, Callable[..., Segment]] = {"staged": Staged, "kept": _kept, "media": _media}
