"""Send an iterator of bytes, made in a worker thread, at the client's own pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import suppress

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from ..errors import ClientDisconnected


async def send_chunks(
    handler: RequestHandler,
    chunks: Iterator[bytes],
    workers: Executor,
    stop: Callable[[], None],
) -> None:
    """Write all chunks to the response. Raises ClientDisconnected when the client goes away.

    One chunk is made while the one before is sent, so at most two are in memory.
    `stop` tells the maker of the chunks to end; it is called whenever this ends
    early, and the maker's thread is waited for.
    """
    loop = asyncio.get_running_loop()
    pending = loop.run_in_executor(workers, next, chunks, None)
    try:
        while (chunk := await asyncio.shield(pending)) is not None:
            pending = loop.run_in_executor(workers, next, chunks, None)
            handler.write(chunk)
            await handler.flush()
            # With a client as fast as loopback flush() never gives way to others.
            await asyncio.sleep(0)
    except StreamClosedError:
        raise ClientDisconnected("The client went away during the download.") from None
    finally:
        if not pending.done():
            stop()
            # What the maker raises now is the answer to `stop`, or too late to be told.
            with suppress(Exception):
                await pending
