"""Whose session a kernel belongs to that starts, and what its environment needs."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import StoreError
from .sink import Sink
from .tasks import Tasks, resolved

SESSION_SECONDS = 10.0
"""How long a data folder that hangs may hold up the start of a kernel."""

Environment = dict[str, str]
"""Variables that a kernel gets besides those of the server."""
SessionFor = Callable[[], "Sink | Awaitable[Sink]"]
EnvironmentFor = Callable[[Sink], "Environment | Awaitable[Environment]"]


class Starts:
    """Asks for both; whatever fails, the kernel starts. On the server's event loop."""

    def __init__(
        self,
        session_for: SessionFor,
        environment_for: EnvironmentFor,
        tasks: Tasks,
        log: logging.Logger,
    ) -> None:
        self._session_for = session_for
        self._environment_for = environment_for
        self._tasks = tasks
        self._log = log
        self._under_way: Counter[str] = Counter()
        self._told_late = False

    def of_session(self, session_id: str) -> int:
        """Return how many kernels of a session are being started."""
        return self._under_way[session_id]

    async def begin(self) -> tuple[Sink, Environment] | None:
        """Return the session of a kernel that starts, which counts as being started until `end`."""
        # Not cancelled when it is late: a session that is being opened must not be left half open.
        search = self._tasks.spawn(self._search())
        try:
            await asyncio.wait({search}, timeout=SESSION_SECONDS)
        except asyncio.CancelledError:
            search.add_done_callback(self._give_up)
            raise
        if search.done():
            self._told_late = False
            return search.result()
        if not self._told_late:
            self._told_late = True
            self._log.warning(
                "Kernels start that are not recorded: the session takes longer than %g s to open.",
                SESSION_SECONDS,
            )
        search.add_done_callback(self._give_up)
        return None

    def end(self, sink: Sink) -> None:
        """Count a kernel no more as being started."""
        self._under_way[sink.session.id] -= 1

    def _give_up(self, search: asyncio.Task[tuple[Sink, Environment] | None]) -> None:
        if not search.cancelled() and (found := search.result()) is not None:
            self.end(found[0])

    async def _search(self) -> tuple[Sink, Environment] | None:
        try:
            sink: Sink = await resolved(self._session_for())
            # From now on the session has a kernel, so it isn't one to end for being idle.
            self._under_way[sink.session.id] += 1
            try:
                environment: Any = await resolved(self._environment_for(sink))
            except BaseException:
                self.end(sink)
                raise
        except Exception as error:  # noqa: BLE001  # a kernel starts with or without a record
            # Whoever opens the store has warned of it already.
            level = logging.INFO if isinstance(error, StoreError) else logging.WARNING
            self._log.log(level, "A kernel starts that is not recorded: %s", error)
            return None
        return sink, environment
