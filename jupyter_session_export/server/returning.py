"""Exports of servers that are gone come back, once for each owner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..errors import StoreError

if TYPE_CHECKING:
    from ..exports.job import ExportJob


class Returning:
    """`restore(owner)` runs in a thread and returns exports, which `adopt` takes on the loop."""

    def __init__(
        self,
        restore: Callable[[str], Sequence[ExportJob]],
        adopt: Callable[[Sequence[ExportJob]], None],
        log: logging.Logger,
    ) -> None:
        self._restore = restore
        self._adopt = adopt
        self._log = log
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, owner: str) -> asyncio.Task[None]:
        """Have an owner's exports back soon; what failed before is tried again."""
        task = self._tasks.get(owner)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._tasks[owner] = asyncio.create_task(self._bring(owner))
        return task

    async def of(self, owner: str) -> None:
        """Have an owner's exports back. Raises StoreUnavailable."""
        # Others wait for it too: who gives up must not end it.
        await asyncio.shield(self.begin(owner))

    async def close(self) -> None:
        """Wait for what is being brought back."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _bring(self, owner: str) -> None:
        try:
            self._adopt(await asyncio.to_thread(self._restore, owner))
        except StoreError as error:
            self._log.warning("Exports can't be read: %s %s", error.message, error.detail)
            raise
