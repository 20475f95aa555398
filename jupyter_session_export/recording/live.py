"""An execution that is not sealed yet."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..records.content import Member, Sealed
from ..records.execution import Execution, ExecutionKey, LeftOut
from ..records.times import now, to_iso
from .bounded import BoundedJournal
from .journal import journal_line
from .outcome import TRUNCATED, Outcome
from .sink import STDERR, STDOUT

HEAD = "execution"
"""The type of a journal's first line: the execution as it began, and its source."""
FIRST_QUIET = 1.0
LONGEST_QUIET = 60.0
"""Seconds after a late message before a finished execution is sealed again."""
MOST_HEARD = 10_000
"""How many of the last messages are known by their ids, for a page that goes on with them."""
LEAST_KEPT = 10.0
KEPT_QUIETS = 2
"""It stays open after a late message for so many seconds, or so many times its quiet period."""


class Live:
    """Gathers an execution's lines; nothing is kept before `begin` gives it a number."""

    def __init__(self, execution: Execution, source: str = "", quiet: float = FIRST_QUIET) -> None:
        self.execution = execution
        self.outcome = Outcome()
        self.journal: BoundedJournal | None = None
        self.ended = False
        self.sealing = False
        self.sealed_changes = -1
        self.reseal_at: float | None = None
        self.kept_until = 0.0
        self.quiet = quiet
        self.members: dict[str, Sealed] = {}
        self.updates: dict[tuple[ExecutionKey, str], dict[str, Any]] = {}
        self.last_at = now()
        self.heard: deque[tuple[str, str]] = deque(maxlen=MOST_HEARD)
        self._changes_before = 0
        self._source = source
        self._early: list[dict[str, Any]] = []

    @property
    def key(self) -> ExecutionKey:
        return self.execution.key

    @property
    def source(self) -> str:
        return self._source if self.outcome.source is None else self.outcome.source

    @property
    def modified(self) -> datetime:
        """When the kernel last wrote to it."""
        return max(self.execution.finished_at or self.last_at, self.last_at)

    @property
    def changes(self) -> int:
        return self.journal.changes if self.journal is not None else 0

    @property
    def dirty(self) -> bool:
        """Tell whether there is something that isn't sealed."""
        return self.journal is not None and self.changes != self.sealed_changes

    def begin(self, number: int, journal: BoundedJournal) -> None:
        """Give it a number and a journal."""
        self.execution = replace(self.outcome.apply(self.execution), number=number)
        self.journal = journal
        self.journal.append(
            {
                "t": to_iso(now()),
                "type": HEAD,
                "execution": self.execution.to_json(),
                "source": self._source,
            }
        )
        for line in self._early:
            self.journal.append(line)
        self._early = []

    def begin_anew(self, journal: BoundedJournal) -> None:
        """Forget all but that it runs and since when; it is marked as truncated."""
        lines = self.outcome.without_content(now())
        self.execution = replace(self.execution, inputs=(), outputs=(), error=None)
        self.outcome, self._source, self._early = Outcome(), "", []
        self.members, self.updates = {}, {}
        self.sealed_changes, self.reseal_at, self.journal = -1, None, None
        # Whoever waits until it is sealed counts on.
        journal.changes = self._changes_before
        for line in lines:
            self.take(line, self.last_at)
        self.begin(self.execution.number, journal)

    def drop(self) -> None:
        """Let go of all that is in its journal, also of what is in memory."""
        self._changes_before = self.changes
        if self.journal is not None:
            self.journal.remove()
            self.journal = None

    def resume(self, journal: BoundedJournal, lines: Iterable[dict[str, Any]]) -> None:
        """Go on with a journal that was sealed or left over."""
        self.journal = journal
        for line in lines:
            self._replay(line)
            journal.replayed(line)
        self.ended = True

    def take(
        self, line: dict[str, Any], at: datetime, written: dict[str, Any] | None = None
    ) -> None:
        """Add a line; `written` is what the journal has instead of it."""
        self.outcome.take(line)
        self.last_at = at
        if self.journal is None:
            self._early.append(written or line)
        else:
            self.journal.append(written or line)

    def take_stream(self, name: str, text: bytes, at: float) -> None:
        """Add stream text; it must have begun. The hot path."""
        assert self.journal is not None  # noqa: S101  # narrows for mypy
        self.outcome.has_output = True
        self.journal.append_stream(name, text, at)

    def note_late(self, at: datetime) -> None:
        """Put off sealing again; each time for longer, as one thread may print for hours."""
        self.last_at = max(at, self.last_at)
        present = time.monotonic()
        if self.reseal_at is None:
            self.reseal_at = present + self.quiet
            self.quiet = min(LONGEST_QUIET, self.quiet * 2)
        self.kept_until = present + max(LEAST_KEPT, self.quiet * KEPT_QUIETS)

    @property
    def is_over(self) -> bool:
        """Tell whether all of it is sealed, and no more is likely to come."""
        return self.is_sealed and time.monotonic() >= self.kept_until

    @property
    def is_sealed(self) -> bool:
        return self.ended and not (self.sealing or self.dirty)

    def note_sealed(self, execution: Execution, members: Iterable[Member], changes: int) -> int:
        """Note what it is now; return how many bytes of what was sealed before aren't part of it.

        `execution` is as it was sealed, at the journal's state `changes`.
        """
        before = {sealed.sha256: sealed.stored_size for sealed in self.members.values()}
        self.members = {member.name: member.sealed for member in members}
        self.sealed_changes = changes
        if self.is_sealed:
            self.execution = execution
        for sealed in self.members.values():
            before.pop(sealed.sha256, None)
        return sum(before.values())

    @property
    def unsealed_bytes(self) -> int:
        """How much has been printed since it was sealed last."""
        if self.journal is None:
            return 0
        return sum(
            max(
                0,
                self.journal.size(name) - (self.members[name].size if name in self.members else 0),
            )
            for name in (STDOUT, STDERR)
        )

    @property
    def output_bytes(self) -> int:
        """How much room its output takes while it isn't sealed."""
        return 0 if self.journal is None else self.journal.output_bytes

    def note_lost(self) -> None:
        """Note that the store may have lost what was sealed: nothing of it counts any more."""
        self.members = {}
        self.sealed_changes = -1

    def truncate(self) -> None:
        """Mark that some of it was not recorded."""
        if not self.outcome.truncated:
            self.take(journal_line(TRUNCATED, {}, now()), self.last_at)

    def conclude(self) -> Execution:
        """Bring the execution up to what its lines say."""
        self.execution = self.outcome.apply(self.execution)
        return self.execution

    @property
    def current(self) -> Execution:
        """The execution as it is to be sealed."""
        execution = self.execution if self.ended else self.outcome.apply(self.execution)
        left_out = LeftOut() if self.journal is None else self.journal.left_out
        if not left_out:
            return execution
        return replace(execution, truncated=True, left_out=left_out)

    def shorten(self, limit: int) -> None:
        """Keep no more than the first and the last of what it put out."""
        if self.journal is None:
            return
        short = self.journal.shortened(limit)
        self.journal.remove()
        self.journal = short
        self.truncate()

    def _replay(self, line: dict[str, Any]) -> None:
        if line.get("type") == HEAD:
            self._source = str(line.get("source", ""))
        elif "type" in line and "t" in line:
            self.outcome.take(line)
