"""Batches of a transfer's chunks, made by a thread while those before them are sent."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from copy import copy

from ..exports.crew import Crew
from ..exports.transfer import Transfer

BATCH_BYTES = 512 * 1024
MOST_AHEAD = 4
"""So many batches wait while as many are sent and one is made: 4.5 MiB for each client."""
MOST_IN_A_ROW = 16
"""After so many a thread of the crew asks whether it is somebody else's turn."""


class Batches:
    """To be made and awaited on the event loop. The first batch is the first chunk alone.

    A thread goes on making batches for as long as there is room for them: to wait for the
    loop's word before each would take longer than making it, where the machine is busy.
    """

    def __init__(self, transfer: Transfer, crew: Crew) -> None:
        self._transfer = transfer
        self._crew = crew
        self._made: deque[list[bytes]] = deque()
        self._size = 1
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._is_awaited = False
        self._on_stop, transfer.on_stop = transfer.on_stop, self._stop
        self.work = self._begin()
        """What a thread was asked for last."""

    async def take(self) -> list[bytes]:
        """Return the chunks of all batches that are made, none at the end.

        Raises what stopped the transfer, or what the maker raised.
        """
        while not self._made:
            self._woken.clear()
            self._is_awaited = True
            if self._transfer.reason:
                self.work.cancel()
                raise copy(self._transfer.reason)
            if self.work.done() and not self._made:
                self.work.result()
                self.work = self._begin()
            if not self._made:
                await self._woken.wait()
        self._is_awaited = False
        taken: list[bytes] = []
        # The empty batch stays: nothing comes after it.
        while self._made and self._made[0]:
            taken += self._made.popleft()
        if not self._made and _went_well(self.work):
            self.work = self._begin()
        return taken

    def _begin(self) -> Future[None]:
        work = self._crew.submit(self._transfer.whose, self._make)
        work.add_done_callback(lambda _: self._wake())
        return work

    def _make(self) -> None:
        for _ in range(MOST_IN_A_ROW):
            batch = self._batch()
            self._made.append(batch)
            if self._is_awaited:
                self._wake()
            if not batch or len(self._made) >= MOST_AHEAD:
                return

    def _batch(self) -> list[bytes]:
        """Return chunks until there are so many bytes: to wake the loop for each costs more."""
        batch, held = [], 0
        for chunk in self._transfer:
            batch.append(chunk)
            held += len(chunk)
            if held >= self._size:
                break
        self._size = BATCH_BYTES
        return batch

    def _stop(self) -> None:
        if self._on_stop:
            self._on_stop()
        self._woken.set()

    def _wake(self) -> None:
        # What hung may end when the server already has.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)


def _went_well(work: Future[None]) -> bool:
    return work.done() and not work.cancelled() and work.exception() is None
