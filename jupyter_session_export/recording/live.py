"""An execution that is not sealed yet."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..records.execution import Execution, ExecutionKey
from ..records.times import now, to_iso
from .journal import Journal, journal_line
from .outcome import TRUNCATED, Outcome

HEAD = "execution"
"""The type of a journal's first line: the execution as it began, and its source."""
FIRST_QUIET = 1.0
LONGEST_QUIET = 60.0
"""Seconds without a late message before a finished execution is sealed again."""


class Live:
    """Gathers an execution's lines; nothing is kept before `begin` gives it a number."""

    def __init__(self, execution: Execution, source: str = "") -> None:
        self.execution = execution
        self.outcome = Outcome()
        self.journal: Journal | None = None
        self.ended = False
        self.sealing = False
        self.sealed_changes = -1
        self.reseal_at: float | None = None
        self.updates: dict[tuple[ExecutionKey, str], dict[str, Any]] = {}
        self.last_at = now()
        self.born = time.monotonic()
        self._source = source
        self._early: list[dict[str, Any]] = []
        self._quiet = FIRST_QUIET

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

    def begin(self, number: int, journal: Journal) -> None:
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

    def resume(self, journal: Journal, lines: Iterable[dict[str, Any]]) -> None:
        """Go on with a journal that was sealed or left over."""
        self.journal = journal
        for line in lines:
            self._replay(line)
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
        if self.reseal_at is None:
            self.reseal_at = time.monotonic() + self._quiet
            self._quiet = min(LONGEST_QUIET, self._quiet * 2)

    def truncate(self) -> None:
        """Mark that some of it was not recorded."""
        if not self.outcome.truncated:
            self.take(journal_line(TRUNCATED, {}, now()), self.last_at)

    def conclude(self) -> Execution:
        """Bring the execution up to what its lines say."""
        self.execution = self.outcome.apply(self.execution)
        return self.execution

    def _replay(self, line: dict[str, Any]) -> None:
        if line.get("type") == HEAD:
            self._source = str(line.get("source", ""))
        elif "type" in line and "t" in line:
            self.outcome.take(line)
