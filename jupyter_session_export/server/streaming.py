"""Send a ZIP, whose bytes a worker thread makes, at the client's own pace."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from copy import copy
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from ..errors import ClientDisconnected, ExportCancelled
from ..exports.crew import Crew
from ..exports.transfer import Transfer
from ..exports.waiting import ends_soon
from .batches import Batches
from .body import Body

STALL_SECONDS = 600.0
"""A client that takes nothing for so long is taken for gone."""
_GONE = ClientDisconnected("The client went away during the download.")


async def send_chunks(handler: RequestHandler, transfer: Transfer, workers: Crew) -> None:
    """Write a whole transfer to the response and close it, however it ends.

    Raises what stopped the transfer (ClientDisconnected when the client goes
    away), or what the maker raises.
    """
    watchdog = asyncio.create_task(_stop_when_stalled(transfer))
    batches = Batches(transfer, workers)
    body = Body(handler)
    try:
        # Who has all that was promised may close the connection, which is no loss.
        while transfer.sent != transfer.length and (batch := await batches.take()):
            body.begin(sum(map(len, batch)))
            for chunk in batch:
                if transfer.reason:
                    # The connection is cut; tornado would take a write for a fault of ours.
                    raise copy(transfer.reason)
                await body.write(chunk)
                transfer.sent += len(chunk)
                # With a client as fast as loopback write() never gives way to others.
                await asyncio.sleep(0)
        body.end()
        transfer.completed = True
    except StreamClosedError:
        raise copy(transfer.reason or _GONE) from None
    finally:
        watchdog.cancel()
        transfer.on_stop = None
        transfer.stop(_GONE)
        await _close(transfer, batches.work, workers)
        transfer.end()


async def _close(transfer: Transfer, work: Future[None], workers: Crew) -> None:
    """Let go of what the maker holds as soon as it notices that it is stopped."""
    if await _ends(work, workers):
        await _ends(workers.submit(transfer.whose, transfer.close), workers)
    else:
        # Should it come back after all, then to leave nothing behind.
        work.add_done_callback(lambda _: transfer.close())


async def _ends(work: Future[Any], workers: Crew) -> bool:
    """Wait for some work, whatever comes of it; tell whether it ends, or hangs and is given up."""
    waiting = asyncio.wrap_future(work)
    if await ends_soon(waiting):
        # What the maker raises now is the answer to `stop`, or too late to be told.
        if not waiting.cancelled():
            waiting.exception()
        return True
    waiting.cancel()
    workers.give_up(work)
    return False


async def _stop_when_stalled(transfer: Transfer) -> None:
    before = -1
    while transfer.sent != before:
        before = transfer.sent
        await asyncio.sleep(STALL_SECONDS)
    transfer.stop(ExportCancelled(f"The client took nothing for {STALL_SECONDS:g} s."))
