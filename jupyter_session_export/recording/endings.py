"""How executions end, in whatever way. The recorder's thread; any method may raise StoreError."""

from __future__ import annotations

from datetime import datetime

from ..records.execution import Status
from ..records.usage import Told
from .archivist import Archivist
from .index import ExecutionIndex
from .journal import journal_line
from .kernelstate import KernelState
from .live import Live
from .outcome import LOST, USAGE
from .sampling import Sampler


class Endings:
    """Concludes them, and hands them to the `Archivist`."""

    def __init__(self, archivist: Archivist, index: ExecutionIndex, sampler: Sampler) -> None:
        self._archivist = archivist
        self._index = index
        self._sampler = sampler

    def measure(self, live: Live, at: datetime, told: Told | None = None) -> None:
        """Note what an execution that ends has used."""
        usage = self._sampler.end(live.key, told)
        if usage is not None:
            live.take(journal_line(USAGE, usage.to_json(), at), at)

    def end(self, kernel: KernelState, live: Live) -> None:
        """Take one of which the kernel has said that it is over."""
        live.ended = True
        if live.journal is None and not self._is_worth_keeping(kernel, live):
            self._index.drop(live)
            kernel.finish_unrecorded(live.key.msg_id)
            return
        if live.journal is None:
            self._archivist.begin(live)
        execution = live.conclude()
        if execution.status is not Status.ABORTED:
            kernel.last_failed = execution.status in (Status.ERROR, Status.INTERRUPTED)
        self._archivist.end(live)

    def lose(self, kernel: KernelState, live: Live, cause: str, at: datetime) -> None:
        """Take one whose process is gone, or whose end was not heard."""
        self.measure(live, at)
        live.take(journal_line(LOST, {"cause": cause}, at), at)
        if live.journal is None:
            self._archivist.begin(live)
        live.ended = True
        live.conclude()
        self._archivist.end(live)

    def _is_worth_keeping(self, kernel: KernelState, live: Live) -> bool:
        """Judge an execution of which its kernel said no more than busy and idle.

        It was silent, or aborted. Where no websocket tells which, it was
        aborted if the one before it failed.
        """
        if live.outcome.requested:
            return not live.outcome.silent
        return kernel.last_failed
