"""Requests whose work is worth nothing without the client that asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from ...errors import ClientDisconnected
from ..base import SessionExportHandler

T = TypeVar("T")


class AttendedHandler(SessionExportHandler):
    """Knows when its client leaves."""

    _work: asyncio.Task[Any] | None = None

    async def while_here(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work for as long as the client waits for it. Raises ClientDisconnected."""
        self._work = task = asyncio.ensure_future(work)
        try:
            return await task
        except asyncio.CancelledError:
            if not task.cancelled():
                # This request itself is cancelled: its work must not go on without it.
                task.cancel()
                raise
            raise ClientDisconnected("The client went away.") from None

    def on_connection_close(self) -> None:
        """Stop at once what nobody waits for any more."""
        if self._work is not None:
            self._work.cancel()
        super().on_connection_close()
