"""The last output of an execution that puts out more than is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..records.execution import LeftOut
from .cut import left_out_line, text_end
from .journal import Journal, encode_line
from .outcome import LEFT_OUT
from .sink import STDERR, STDOUT, Spool

PIECES = 8
"""It is held in so many pieces, of which the oldest goes to make room for another."""
LEAST_PIECE = 4096

LetGo = Callable[[dict[str, Any]], None]


@dataclass(slots=True, eq=False)
class Piece:
    """A part of the tail; `seen` once it was part of what was sealed."""

    journal: Journal
    outputs: int = 0
    output_bytes: int = 0
    seen: bool = False

    @property
    def amount(self) -> LeftOut:
        stdout, stderr = self.journal.size(STDOUT), self.journal.size(STDERR)
        return LeftOut(stdout, stderr, self.outputs, self.output_bytes)


class Tail:
    """At most `most` bytes of output, the newest, in journals beside the head's.

    `left_out` counts what was dropped of it, and before it. `let_go` is told lines
    that are dropped before anything was sealed of them.
    """

    def __init__(
        self,
        spool: Spool,
        commit: Callable[[], None],
        *,
        most: int,
        since: str,
        left_out: LeftOut,
        let_go: LetGo,
    ) -> None:
        self.since = since
        self.left_out = left_out
        self._spool = spool
        self._commit = commit
        self._most = most
        self._step = max(LEAST_PIECE, most // PIECES)
        self._let_go = let_go
        self._pieces: deque[Piece] = deque()
        self._next = 1
        self._held = False
        self._doomed: list[Journal] = []

    def append(self, line: dict[str, Any], written: bytes, size: int) -> None:
        """Add a line of output, which takes `size` bytes with all that it refers to."""
        piece = self._piece_for(size)
        if piece is None:
            self.left_out += LeftOut(outputs=1, output_bytes=size)
            self._let_go(line)
            return
        piece.journal.append_written(written)
        piece.outputs += 1
        piece.output_bytes += size

    def append_stream(self, name: str, text: bytes, at: float) -> None:
        """Add stream text."""
        start = 0
        while start < len(text):
            end = start + text_end(text[start : start + self._step + 4], self._step)
            piece = self._piece_for(end - start)
            if piece is None:
                dropped = end - start
                stderr = dropped if name == "stderr" else 0
                self.left_out += LeftOut(dropped - stderr, stderr)
            else:
                piece.journal.append_stream(name, text[start:end], at)
            start = end

    def adopt(self, spools: list[Spool]) -> None:
        """Go on with the pieces that a crashed writer left."""
        for spool in spools:
            journal = Journal(spool, self._commit)
            journal.adopt()
            self._pieces.append(Piece(journal, seen=True))
            self._next = spool.tail_number + 1
            for line in journal.view().lines():
                if line.get("type") == LEFT_OUT:
                    self.left_out = LeftOut.from_json(line["content"])

    def journals(self) -> list[Journal]:
        return [piece.journal for piece in self._pieces]

    def hold(self) -> None:
        """Leave what there is now where it is until `release`."""
        self._held = True
        for piece in self._pieces:
            piece.seen = True

    def release(self) -> None:
        """Say that nobody reads what was held any more."""
        self._held = False
        while self._doomed:
            self._doomed.pop().remove()

    def _piece_for(self, size: int) -> Piece | None:
        """Return where so many more bytes go; None where they are more than may be held."""
        last = self._pieces[-1] if self._pieces else None
        if last is not None and last.amount.bytes + size <= self._step:
            return last
        needed = max(self._step, size)
        if needed > self._most:
            return None
        if last is not None:
            last.journal.settle()
        while self._pieces and self.bytes + needed > self._most:
            self._drop(self._pieces.popleft())
        piece = Piece(Journal(self._spool.tail(self._next), self._commit))
        self._next += 1
        self._pieces.append(piece)
        # After a crash nobody else knows how much is gone.
        piece.journal.append_written(encode_line(left_out_line(self.since, self.left_out)))
        return piece

    @property
    def bytes(self) -> int:
        return sum(piece.amount.bytes for piece in self._pieces)

    def _drop(self, piece: Piece) -> None:
        self.left_out += piece.amount
        if piece.outputs and not piece.seen:
            for line in piece.journal.view().lines():
                self._let_go(line)
        if piece.seen and self._held:
            self._doomed.append(piece.journal)
        else:
            piece.journal.remove()
