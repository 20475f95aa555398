"""A journal of bounded size: the first and the last of what an execution puts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..records.execution import LeftOut
from ..records.times import from_iso, now, to_iso
from .cut import mark, text_end
from .journal import JoinedView, Journal, encode_line
from .outcome import LEFT_OUT, OUTPUT_TYPES
from .outputs import stream_file
from .refs import references_in
from .sink import STDERR, STDOUT, Spool
from .tail import LetGo, Tail

READ_BYTES = 256 * 1024
LATE_SHARE = 4
"""What comes to an execution that is full already may take this part of the limit besides."""


def _nothing(_: dict[str, Any]) -> None:
    return None


class BoundedJournal:
    """As `Journal`; of more than `limit` bytes of output it keeps the first and the last half.

    The rest is counted and dropped while it comes, so neither memory nor disk ever
    hold it. What is no output, such as the status, is always kept. 0 is no limit.
    `let_go` is told lines that were dropped before anything was sealed of them.
    """

    def __init__(
        self,
        spool: Spool,
        commit: Callable[[], None],
        limit: int = 0,
        let_go: LetGo = _nothing,
    ) -> None:
        self.changes = 0
        self._spool = spool
        self._commit = commit
        self._limit = limit
        self._let_go = let_go
        self._head = Journal(spool, commit)
        self._tail: Tail | None = None
        self._taken = 0
        self._earlier = LeftOut()
        self._seen = False

    @property
    def left_out(self) -> LeftOut:
        """What of the output isn't kept, also of what was sealed before."""
        return self._earlier if self._tail is None else self._tail.left_out

    def append(self, line: dict[str, Any]) -> None:
        """Add a message's line."""
        self.changes += 1
        written = encode_line(line)
        if line["type"] not in OUTPUT_TYPES:
            self._head.append_written(written)
            return
        size = len(written) + (_referenced_by(line) if b'"ref":"' in written else 0)
        if self._tail is None and self._fits(size):
            self._taken += size
            self._head.append_written(written)
        else:
            self._begun_tail().append(line, written, size)

    def append_stream(self, name: str, text: bytes, at: float) -> None:
        """Add stream text. The hot path."""
        self.changes += 1
        if self._tail is None:
            if self._fits(len(text)):
                self._taken += len(text)
                self._head.append_stream(name, text, at)
                return
            room = max(0, self._limit // 2 - self._taken)
            fits = text_end(text, room) if room else 0
            if fits:
                self._taken += fits
                self._head.append_stream(name, text[:fits], at)
            text = text[fits:]
        self._begun_tail().append_stream(name, text, at)

    def restore(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put back what was sealed before; it is no change."""
        self._seen = True
        self._head.restore(name, chunks)

    def replayed(self, line: dict[str, Any]) -> None:
        """Count a line that was put back: it takes room as well."""
        kind = line.get("type")
        if kind == "stream":
            self._taken += int(line["bytes"])
        elif kind in OUTPUT_TYPES:
            self._taken += len(encode_line(line)) + _referenced_by(line)
        elif kind == LEFT_OUT and self._tail is None:
            self._earlier = LeftOut.from_json(line["content"])

    def adopt(self) -> None:
        """Go on with what a crashed writer left in the spool."""
        self._seen = True
        self._head.adopt()
        for line in self._head.view().lines():
            if line.get("type") == LEFT_OUT:
                # It was sealed and begun again before the crash.
                self._earlier = LeftOut.from_json(line["content"])
        if spools := self._spool.tails():
            self._begun_tail().adopt(list(spools))
        self.changes += 1

    @property
    def is_cut(self) -> bool:
        """Tell whether it has a tail, which may lose its beginning."""
        return self._tail is not None

    @property
    def output_bytes(self) -> int:
        """How much room the output takes, with all that it refers to."""
        tail = 0 if self._tail is None else self._tail.bytes
        return self._taken + tail

    def size(self, name: str) -> int:
        """Return how many bytes of a file there are, written or not."""
        return sum(journal.size(name) for journal in self._journals())

    def view(self) -> JoinedView:
        """Return what is in the journal now, to be read by any thread. It writes nothing."""
        parts = [self._head.view()]
        if self._tail is not None:
            here = self._tail.left_out - self._earlier
            parts.append(mark(self._tail.since, here, self._tail.left_out, self._spool))
            parts += [journal.view() for journal in self._tail.journals()]
        return JoinedView(parts, self.changes)

    def hold(self) -> None:
        """Leave what a view has where it is until `release`."""
        self._seen = True
        if self._tail is not None:
            self._tail.hold()

    def release(self) -> None:
        """Say that the view isn't read any more."""
        if self._tail is not None:
            self._tail.release()

    def flush(self) -> None:
        """Write what is in memory to the spool."""
        for journal in self._journals():
            journal.flush()

    def rest(self) -> None:
        """Hold neither memory nor open files until more comes."""
        for journal in self._journals():
            journal.rest()

    def close(self) -> None:
        """Close its files."""
        for journal in self._journals():
            journal.spool.close()

    def remove(self) -> None:
        """Remove the spool, if there is one."""
        self.close()
        self._head.remove()

    def shortened(self, limit: int) -> BoundedJournal:
        """Return one with the first and the last of this, held in memory.

        `limit` must be small. This one is to be removed then.
        """
        let_go = _nothing if self._seen else self._let_go
        short = BoundedJournal(self._spool, self._commit, limit, let_go)
        short._earlier = self._earlier
        view, at = self.view(), {STDOUT: 0, STDERR: 0}
        for line in view.lines():
            if line.get("type") == "stream":
                file = stream_file(line["name"])
                end = at[file] + int(line["bytes"])
                for start in range(at[file], end, READ_BYTES):
                    text = view.read_all(file, start, min(start + READ_BYTES, end))
                    short.append_stream(line["name"], text, from_iso(line["t"]).timestamp())
                at[file] = end
            elif line.get("type") != LEFT_OUT:
                short.append(line)
        short._let_go = self._let_go
        short.changes = self.changes + 1
        return short

    def _fits(self, size: int) -> bool:
        return not self._limit or self._taken + size <= self._limit // 2

    def _begun_tail(self) -> Tail:
        if self._tail is None:
            half = self._limit // 2
            room = self._limit + self._limit // LATE_SHARE - self._taken
            self._tail = Tail(
                self._spool,
                self._commit,
                most=max(0, min(half, room)),
                since=to_iso(now()),
                left_out=self._earlier,
                let_go=self._let_go,
            )
        return self._tail

    def _journals(self) -> list[Journal]:
        return [self._head, *(() if self._tail is None else self._tail.journals())]


def _referenced_by(line: dict[str, Any]) -> int:
    return sum(reference["size"] for reference in references_in(line))
