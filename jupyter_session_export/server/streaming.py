"""Send a ZIP, whose bytes a worker thread makes, at the client's own pace."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from contextlib import suppress

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from ..errors import ClientDisconnected, ExportCancelled
from ..exports.transfer import Transfer

STALL_SECONDS = 600.0
"""A client that takes nothing for so long is taken for gone."""
BATCH_BYTES = 1024 * 1024
_GONE = ClientDisconnected("The client went away during the download.")


async def send_chunks(handler: RequestHandler, transfer: Transfer, workers: Executor) -> None:
    """Write a whole transfer to the response and close it, however it ends.

    One batch is made while the one before is sent, so at most two are in memory.
    Raises what stopped the transfer (ClientDisconnected when the client goes
    away), or what the maker raises.
    """
    loop = asyncio.get_running_loop()
    watchdog = loop.create_task(_stop_when_stalled(transfer))
    pending = loop.run_in_executor(workers, _batch, transfer, 1)
    try:
        while batch := await asyncio.shield(pending):
            pending = loop.run_in_executor(workers, _batch, transfer, BATCH_BYTES)
            for chunk in batch:
                handler.write(chunk)
                await handler.flush()
                transfer.sent += len(chunk)
                # With a client as fast as loopback flush() never gives way to others.
                await asyncio.sleep(0)
    except StreamClosedError:
        raise transfer.reason or _GONE from None
    finally:
        watchdog.cancel()
        transfer.on_stop = None
        transfer.stop(_GONE)
        # What the maker raises now is the answer to `stop`, or too late to be told.
        with suppress(Exception):
            await pending
        await loop.run_in_executor(workers, transfer.close)
        transfer.end()


def _batch(transfer: Transfer, size: int) -> list[bytes]:
    """Return chunks until there are so many bytes: to change threads for each costs more."""
    batch, held = [], 0
    for chunk in transfer:
        batch.append(chunk)
        held += len(chunk)
        if held >= size:
            break
    return batch


async def _stop_when_stalled(transfer: Transfer) -> None:
    before = -1
    while transfer.sent != before:
        before = transfer.sent
        await asyncio.sleep(STALL_SECONDS)
    transfer.stop(ExportCancelled(f"The client took nothing for {STALL_SECONDS:g} s."))
