"""A ZIP of which everything is known before its first byte is sent: any range of it, any time."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from pathlib import Path

import deflate

from ..errors import ExportExpired, SourceChanged
from ..records.content import Sealed
from .chunks import CHUNK_BYTES, coalesced
from .entries import LedgerLine, OnDisk, Opener
from .files import Identity, OpenFile, Unpackable
from .ledger import Lines, read_line
from .segments import Kept, Media, Segments, Staged
from .splice import splice
from .staging import Staging

VERSION = 1


class PreparedArchive:
    """A ZIP made by `prepare`, or by an earlier process and read with `from_lines`.

    `length` is exact, `etag` is strong (with its quotes), `left_out` counts what
    is not in the ZIP as it should be, `entries` the members. Of what is left out the
    first `MOST_LEFT_OUT` lines are there to be read.
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
        left_out_lines: Lines,
    ) -> None:
        self.length = segments.length
        self.etag = etag
        self.entries = entries
        self.left_out = left_out
        self._lines = left_out_lines
        self._segments = segments
        self._opener = opener
        self._staging = staging

    def read(self, start: int = 0, end: int | None = None) -> Generator[bytes, None, None]:
        """Yield the bytes from `start` up to but not including `end`, about 512 KiB at a time.

        Who stops before the end has to close it, since it may have a file open. Raises
        SourceChanged before the promised length where a source is not what it was. Any
        number of readers may read at once.
        """
        start, end = max(0, start), self.length if end is None else min(end, self.length)
        return coalesced(self._read(start, end) if start < end else ())

    def sealed(self) -> Iterator[Sealed]:
        """Yield the sealed content of the store that this ZIP needs; it has to stay there."""
        for segment in self._segments:
            if isinstance(segment, Kept):
                yield segment.sealed

    def left_out_lines(self, offset: int, limit: int) -> list[LedgerLine]:
        """Return some lines of the ledger: what is not in the ZIP as it should be, and why."""
        return [read_line(text) for text in self._lines.part(offset, limit)]

    def lines(self) -> Iterator[str]:
        """Yield what `from_lines` needs beside the staging: short lines of JSON.

        One large text would hold up other threads while it is written or read.
        """
        yield json.dumps(
            {
                "version": VERSION,
                "etag": self.etag,
                "entries": self.entries,
                "left_out": self.left_out,
                "length": self.length,
                "staged": self._staging.size,
                "segments": len(self._segments),
                "lines": len(self._lines),
            }
        )
        yield from map(json.dumps, self._segments.rows())
        yield from self._lines

    @classmethod
    def from_lines(cls, lines: Iterable[str], opener: Opener, staging: Staging) -> PreparedArchive:
        """Return the ZIP that `lines` told of. Raises ExportExpired where it can't be had."""
        lines = iter(lines)
        try:
            head = json.loads(next(lines, ""))
            if head["version"] != VERSION:
                raise ValueError(f"its version is {head['version']}")
            segments = Segments.from_rows(map(json.loads, islice(lines, head["segments"])))
            left_out = Lines()
            for line in islice(lines, head["lines"]):
                read_line(line)
                left_out.add(line)
            found = segments.length, staging.size, len(left_out)
            if found != (head["length"], head["staged"], head["lines"]):
                raise ValueError("a part of it is missing")
            return cls(
                segments,
                opener,
                staging,
                etag=head["etag"],
                entries=head["entries"],
                left_out=head["left_out"],
                left_out_lines=left_out,
            )
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ExportExpired("The prepared export can't be read.", f"{error!r}") from error

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
            yield from cut(splice(sealed, self._opener, first), 0, last - first)
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
