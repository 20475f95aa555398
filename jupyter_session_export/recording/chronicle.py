"""What a session's logs say of its executions. The recorder's thread."""

from __future__ import annotations

from typing import Any

from ..records.activity import AUDIT
from ..records.execution import Execution
from ..records.times import to_iso_or_none
from .live import Live
from .logbook import Logbook
from .sink import Sink


class Chronicle:
    """Writes their lines; any method may raise StoreError."""

    def __init__(self, logbook: Logbook, sink: Sink) -> None:
        self._logbook = logbook
        self._sink = sink

    def begun(self, live: Live) -> None:
        execution = live.execution
        started_at = to_iso_or_none(execution.started_at or live.outcome.started_at)
        self._note("execution.start", execution, started_at=started_at)

    def ended(self, execution: Execution) -> None:
        """Say how it went; a guest's is told to the audit log as well."""
        status, finished_at = execution.status.value, to_iso_or_none(execution.finished_at)
        self._note("execution.end", execution, status=status, finished_at=finished_at)
        if self._sink.session.guest:
            self._audit(execution)

    def recovered(self, execution: Execution) -> None:
        self._note("execution.recovered", execution)

    def _note(self, action: str, execution: Execution, **detail: Any) -> None:
        self._logbook.note(
            action,
            execution.folder,
            user_id=execution.user_id,
            kernel_id=execution.kernel.id,
            notebook=execution.notebook,
            **detail,
        )

    def _audit(self, execution: Execution) -> None:
        """Say how a guest's execution went; what it said is in the record alone."""
        self._logbook.note(
            "execution.result",
            execution.folder,
            user_id=execution.user_id,
            log=AUDIT,
            status=execution.status.value,
            cause=execution.cause,
            error=execution.error.name if execution.error else None,
            execution_count=execution.execution_count,
        )
