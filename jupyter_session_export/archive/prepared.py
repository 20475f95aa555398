"""A ZIP of which everything is known before its first byte is sent: any range of it, any time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import deflate

from ..errors import ExportExpired, SourceChanged
from ..records.content import Sealed
from .chunks import CHUNK_BYTES, coalesced
from .entries import OnDisk, Opener
from .files import Identity, OpenFile, Unpackable
from .segments import Kept, Media, Segments, Staged
from .splice import splice
from .staging import Staging

VERSION = 1


class PreparedArchive:
    """A ZIP made by `prepare`, or by an earlier process and read with `from_json`.

    `length` is exact, `etag` is strong (with its quotes), `left_out` counts what
    is not in the ZIP as it should be, `entries` the members.
    """

    def __init__(
        self,
        segments: Segments,
        opener: Opener,
        staging: Staging,
        *,
        etag: str,
        entries: int,
        left_out: int,
    ) -> None:
        self.length = segments.length
        self.etag = etag
        self.entries = entries
        self.left_out = left_out
        self._segments = segments
        self._opener = opener
        self._staging = staging

    def read(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from `start` up to but not including `end`, about 256 KiB at a time.

        Raises SourceChanged before the promised length where a source is not
        what it was. Any number of readers may read at once.
        """
        start, end = max(0, start), self.length if end is None else min(end, self.length)
        return coalesced(self._read(start, end)) if start < end else iter(())

    def sealed(self) -> Iterator[Sealed]:
        """Yield the sealed content of the store that this ZIP needs; it has to stay there."""
        for segment in self._segments:
            if isinstance(segment, Kept):
                yield segment.sealed

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` needs beside the staging."""
        return {
            "version": VERSION,
            "etag": self.etag,
            "entries": self.entries,
            "left_out": self.left_out,
            "length": self.length,
            "segments": self._segments.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], opener: Opener, staging: Staging) -> PreparedArchive:
        """Return the ZIP that `to_json` told of. Raises ExportExpired where it can't be had."""
        try:
            if data["version"] != VERSION:
                raise ValueError(data["version"])
            segments = Segments.from_json(data["segments"])
            if segments.length != data["length"]:
                raise ValueError(segments.length)
            return cls(
                segments,
                opener,
                staging,
                etag=data["etag"],
                entries=data["entries"],
                left_out=data["left_out"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ExportExpired("The prepared export can't be read.", "Start a new one.") from error

    def close(self) -> None:
        """Let go of the staging."""
        self._staging.close()

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        for segment, first, last in self._segments.between(start, end):
            if isinstance(segment, Staged):
                yield from self._staging.read(segment.offset + first, last - first)
            elif isinstance(segment, Media):
                yield from _send(segment, first, last)
            else:
                yield from self._splice(segment.sealed, first, last)

    def _splice(self, sealed: Sealed, first: int, last: int) -> Iterator[bytes]:
        try:
            yield from cut(splice(sealed, self._opener), first, last)
        except Unpackable as why:
            raise SourceChanged("Recorded content is gone.", why.reason) from why


def cut(chunks: Iterable[bytes], first: int, last: int) -> Iterator[bytes]:
    """Yield what lies between two bytes of chunks; with all of them, sees the end of them too."""
    at = 0
    for chunk in chunks:
        begins, at = at, at + len(chunk)
        if at <= first:
            continue
        if begins >= last:
            return
        whole = begins >= first and at <= last
        yield chunk if whole else chunk[max(0, first - begins) : last - begins]


def _send(media: Media, first: int, last: int) -> Iterator[bytes]:
    """Yield a range of a file, holding the last chunk back until it is known to be the same."""
    try:
        file = OpenFile(OnDisk(media.path, media.root))
    except Unpackable as why:
        raise _changed(media) from why
    try:
        _recheck(media, file.identity)
        file.seek(first)
        crc, held = 0, b""
        for chunk in _chunks(file, last - first):
            crc = deflate.crc32(chunk, crc)
            if held:
                yield held
            held = chunk
        _recheck(media, file.identity_now())
        if (first, last) == (0, media.length) and crc != media.crc32:
            raise _changed(media)
        yield held
    except OSError as error:
        raise _changed(media) from error
    finally:
        file.close()


def _chunks(file: OpenFile, length: int) -> Iterator[bytes]:
    while length and (chunk := file.read(min(length, CHUNK_BYTES))):
        length -= len(chunk)
        yield chunk


def _recheck(media: Media, identity: Identity) -> None:
    if identity != media.identity:
        raise _changed(media)


def _changed(media: Media) -> SourceChanged:
    name = Path(media.path).name.encode("utf-8", "backslashreplace").decode()
    return SourceChanged(
        f"{name} changed after the export was prepared.", "Start a new export to have it as it is."
    )
