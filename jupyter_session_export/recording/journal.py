"""The raw journal of one execution: in memory until it is flushed to the spool.

`journal.jsonl` has a JSON line for each message but stream text; that is appended
to `stdout.txt` or `stderr.txt`, and a line says how many bytes. Lines are ASCII, so
that any surrogate comes back exactly.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from ..errors import ContentDamaged, StoreUnavailable
from ..records.times import from_timestamp, to_iso
from .sink import FILES, JOURNAL, STDERR, STDOUT, Spool

FLUSH_BYTES = 1024 * 1024
"""More than this is never held in memory for one execution."""


class Journal:
    """Append lines and stream text; `view` gives what is in it so far. The recorder's thread.

    `commit` makes the content durable that lines refer to.
    """

    def __init__(self, spool: Spool, commit: Callable[[], None]) -> None:
        self.spool = spool
        self.changes = 0
        self._commit = commit
        self._refers = False
        self._memory: dict[str, bytearray] = {name: bytearray() for name in FILES}
        self._flushed: dict[str, int] = dict.fromkeys(FILES, 0)
        self._stream_name = ""
        self._stream_bytes = 0
        self._stream_at = 0.0

    def append_written(self, written: bytes) -> None:
        """Add a message's line as `encode_line` makes it."""
        self._end_stream()
        self._memory[JOURNAL] += written
        self._refers = self._refers or b'"ref":"' in written
        self.changes += 1
        if len(self._memory[JOURNAL]) > FLUSH_BYTES:
            self.flush()

    def append_stream(self, name: str, text: bytes, at: float) -> None:
        """Add stream text; neighbours of one name become one line. The hot path."""
        if name != self._stream_name:
            self._end_stream()
            self._stream_name = name
            self._stream_at = at
        self._stream_bytes += len(text)
        memory = self._memory[STDERR if name == "stderr" else STDOUT]
        memory += text
        self.changes += 1
        if len(memory) > FLUSH_BYTES:
            self.flush()

    def restore(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put back what was sealed before; it is no change."""
        for chunk in chunks:
            self._memory[name] += chunk
            if len(self._memory[name]) > FLUSH_BYTES:
                self.flush()

    def flush(self) -> None:
        """Write what is in memory to the spool."""
        self._end_stream()
        if self._refers:
            # A spool that outlives a crash must not refer to content that doesn't.
            self._commit()
            self._refers = False
        if not self._flushed[JOURNAL]:
            # Without the first line nobody would know whose streams these are.
            self._write(JOURNAL, self._memory[JOURNAL].find(b"\n") + 1)
        for name in FILES:
            self._write(name, len(self._memory[name]))

    def adopt(self) -> None:
        """Go on with what a crashed writer left in the spool."""
        self._flushed = {name: self.spool.size(name) for name in FILES}
        if self._flushed[JOURNAL]:
            # Ends a line that the crash has torn; an empty one is no harm.
            self._memory[JOURNAL] += b"\n"
        for name, file in (("stdout", STDOUT), ("stderr", STDERR)):
            told = sum(
                line["bytes"]
                for line in self.view().lines()
                if line.get("type") == "stream" and (line["name"] == "stderr") == (file == STDERR)
            )
            if self._flushed[file] > told:
                self._stream_name, self._stream_at = name, time.time()
                self._stream_bytes = self._flushed[file] - told
                self._end_stream()
        self.changes += 1

    def size(self, name: str) -> int:
        """Return how many bytes of a file there are, written or not."""
        return self._flushed[name] + len(self._memory[name])

    def view(self) -> JournalView:
        """Return what is in the journal now, to be read by any thread.

        It writes nothing: on a full disk, too, what there is can be sealed.
        """
        self._end_stream()
        memory = {name: bytes(data) for name, data in self._memory.items()}
        return JournalView(self.spool, dict(self._flushed), memory, self.changes)

    def rest(self) -> None:
        """Hold neither memory nor open files until more comes."""
        self.flush()
        self.spool.close()

    def settle(self) -> None:
        """Hold no open files where it is spooled: more hardly comes."""
        if any(self._flushed.values()):
            self.rest()

    def remove(self) -> None:
        """Remove the spool, if there is one."""
        self.spool.close()
        if self.spool.exists():
            self.spool.remove()

    def _write(self, name: str, size: int) -> None:
        if not size:
            return
        data = self._memory[name]
        try:
            self.spool.append(name, bytes(data[:size]))
        except StoreUnavailable:
            self._resume_after_partial_write(name)
            raise
        self._flushed[name] += size
        del data[:size]

    def _resume_after_partial_write(self, name: str) -> None:
        written = self.spool.size(name) - self._flushed[name]
        self._flushed[name] += written
        del self._memory[name][:written]

    def _end_stream(self) -> None:
        if not self._stream_name:
            return
        line = {
            "t": to_iso(from_timestamp(self._stream_at)),
            "type": "stream",
            "name": self._stream_name,
            "bytes": self._stream_bytes,
        }
        self._memory[JOURNAL] += encode_line(line)
        self._stream_name, self._stream_bytes = "", 0


class JournalView:
    """A journal as it was at one moment: `changes` tells which."""

    def __init__(
        self, spool: Spool, flushed: dict[str, int], memory: dict[str, bytes], changes: int
    ) -> None:
        self.spool = spool
        self.changes = changes
        self._flushed = flushed
        self._memory = memory

    @property
    def total(self) -> int:
        return sum(self.size(name) for name in FILES)

    def size(self, name: str) -> int:
        return self._flushed[name] + len(self._memory[name])

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a range of one file, in chunks. Raises ContentDamaged where it is gone since."""
        end = self.size(name) if end is None else min(end, self.size(name))
        flushed = self._flushed[name]
        if start < min(end, flushed):
            yield from self._read_flushed(name, start, min(end, flushed))
        if end > flushed:
            yield self._memory[name][max(0, start - flushed) : end - flushed]

    def _read_flushed(self, name: str, start: int, end: int) -> Iterator[bytes]:
        for chunk in self.spool.read(name, start, end):
            start += len(chunk)
            yield chunk
        if start < end:
            # What is sealed leaves the spool: less of it would look like all there is.
            raise ContentDamaged(
                f"{name} of execution {self.spool.number} is not in the spool any more.",
                "Where it was sealed meanwhile, the record has it.",
            )

    def read_all(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        return b"".join(self.read(name, start, end))

    def lines(self) -> Iterator[dict[str, Any]]:
        return parse_lines(self.read(JOURNAL))


class JoinedView:
    """Views one after the other; `changes` tells of which moment."""

    def __init__(self, parts: Sequence[JournalView], changes: int) -> None:
        self.changes = changes
        self._parts = parts

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was left out of it: then it only ever grows."""
        return len(self._parts) == 1

    @property
    def total(self) -> int:
        return sum(part.total for part in self._parts)

    def size(self, name: str) -> int:
        return sum(part.size(name) for part in self._parts)

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a range of one file, in chunks."""
        end = self.size(name) if end is None else end
        before = 0
        for part in self._parts:
            size = part.size(name)
            if start < before + size and end > before:
                yield from part.read(name, max(0, start - before), min(size, end - before))
            before += size

    def read_all(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        return b"".join(self.read(name, start, end))

    def lines(self) -> Iterator[dict[str, Any]]:
        return parse_lines(self.read(JOURNAL))


def spooled(spool: Spool) -> JoinedView:
    """Return what another process has written of an execution so far."""
    nothing = dict.fromkeys(FILES, b"")
    parts = [
        JournalView(part, {name: part.size(name) for name in FILES}, nothing, 0)
        for part in (spool, *spool.tails())
    ]
    return JoinedView(parts, 0)


def encode_line(line: dict[str, Any]) -> bytes:
    """Write a line as a journal has it."""
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def parse_lines(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield a journal's lines; a torn last one, as a crash leaves it, is left out."""
    pieces: list[bytes] = []
    for chunk in chunks:
        whole, newline, rest = chunk.rpartition(b"\n")
        if newline:
            for line in b"".join([*pieces, whole]).split(b"\n"):
                parsed = _parse(line)
                if parsed is not None:
                    yield parsed
            pieces = []
        pieces.append(rest)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(line)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def journal_line(kind: str, content: dict[str, Any], at: datetime, **more: Any) -> dict[str, Any]:
    """Return a line; `more` that is empty is left out."""
    line = {"t": to_iso(at), "type": kind, "content": content}
    line.update((name, value) for name, value in more.items() if value)
    return line
