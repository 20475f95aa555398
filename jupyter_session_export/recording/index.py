"""Which execution a msg_id means now, and which it meant before. The recorder's thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ..records.execution import Execution, ExecutionKey
from .kernelstate import KernelState
from .live import Live

MOST_ENDED = 50_000


class ExecutionIndex:
    """The executions of one session by (kernel id, msg_id)."""

    def __init__(self) -> None:
        self._current: dict[tuple[str, str], Live] = {}
        self._ended: OrderedDict[tuple[str, str], Execution] = OrderedDict()

    def current(self, kernel: KernelState, msg_id: str) -> Live | None:
        """Return the execution that runs, or has ended and is not wholly sealed."""
        return self._current.get((kernel.id, msg_id))

    def ended(self, kernel: KernelState, msg_id: str) -> Execution | None:
        """Return the last execution of this msg_id that was sealed, without its outputs."""
        return self._ended.get((kernel.id, msg_id))

    def running(self, kernel: KernelState) -> list[Live]:
        """Return what has not ended yet."""
        return [
            live
            for (kernel_id, _), live in self._current.items()
            if kernel_id == kernel.id and not live.ended
        ]

    def add(self, live: Live) -> None:
        self._current[live.key.kernel_id, live.key.msg_id] = live

    def drop(self, live: Live) -> None:
        """Forget an execution that leaves no record."""
        del self._current[live.key.kernel_id, live.key.msg_id]

    def prune(self) -> None:
        """Forget what began and ended while the store failed."""
        for live in list(self._current.values()):
            if live.ended and live.journal is None:
                self.drop(live)

    def close(self, live: Live) -> None:
        """Note that an execution is sealed."""
        at = (live.key.kernel_id, live.key.msg_id)
        if self._current.get(at) is live:
            del self._current[at]
        known = self._ended.get(at)
        if known is None or known.key.repeat <= live.key.repeat:
            self._ended[at] = replace(live.execution, outputs=(), error=None)
        while len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)

    def new_key(self, kernel: KernelState, msg_id: str) -> ExecutionKey:
        """Return a key that no execution has yet; a client may use a msg_id again."""
        live = self.current(kernel, msg_id)
        before = live.execution if live else self.ended(kernel, msg_id)
        repeat = 0
        if before is not None and before.key.incarnation == kernel.incarnation:
            repeat = before.key.repeat + 1
        return ExecutionKey(kernel.id, kernel.incarnation, msg_id, repeat)

    def awaits_idle(self, kernels: Iterable[KernelState], since: datetime) -> bool:
        """Tell whether an execution was replied to since then, but is not yet idle."""
        return any(
            any(reply.received_at > since for reply in kernel.replies.values())
            or any(
                live.outcome.reply is not None and live.last_at > since
                for live in self.running(kernel)
            )
            for kernel in kernels
        )
