"""`POST sessions/{id}/run`: run code, for its result or for its events as they come."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from ...errors import ClientDisconnected, SessionExportError
from . import orders
from .base import LiveHandler, may
from .framing import beat, framed, to_json, wanted_kind

if TYPE_CHECKING:
    from ...sessions.events import Event
    from ...sessions.live import LiveSession
    from ...sessions.order import Order

BEAT_SECONDS = 15.0
"""So long nothing is sent at most: proxies cut what is silent for a minute."""
STALL_SECONDS = 600.0
"""A client that takes nothing for so long is taken for gone."""
MOST_BYTES = 4 * 2**20
"""Of events that wait for the client; what comes beyond is counted instead."""


class RunHandler(LiveHandler):
    """Whoever goes away interrupts the code. Which of both is said by the header Accept."""

    @web.authenticated
    @authorized
    @may("execute")
    async def post(self, session_id: str) -> None:
        order = orders.order(self.body())
        live = await self.live(session_id)
        kind = wanted_kind(self.request.headers.get("Accept", ""))
        if kind is None:
            result = await self.while_here(live.run(order, _unheard))
            # Megabytes of text hold up the loop for long.
            self.answer_json(await asyncio.to_thread(lambda: json.dumps(result.to_json())))
        else:
            await self._stream(live, order, kind)

    async def _stream(self, live: LiveSession, order: Order, kind: str) -> None:
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", "no-store")
        # nginx would hold back what it buffers.
        self.set_header("X-Accel-Buffering", "no")
        try:
            await self.while_here(self._tell(live, order, kind))
        except (ClientDisconnected, StreamClosedError, asyncio.TimeoutError):
            self.log.info("The client left during %s.", self.request.path)
            self._cut()
        except SessionExportError as error:
            if not self._headers_written:
                self.clear()
                raise
            await self._send(framed({"event": "error", **error.as_dict()}, kind))
            self.finish(set_content_type=kind)
        else:
            self.finish(set_content_type=kind)

    async def _tell(self, live: LiveSession, order: Order, kind: str) -> None:
        """Run code and send what it tells; whatever stops that stops the code."""
        from ...sessions.mailbox import Mailbox  # noqa: PLC0415 - nothing for a start

        arrived = asyncio.Event()
        mailbox = Mailbox(arrived.set, MOST_BYTES)
        work = asyncio.create_task(live.run(order, mailbox.put))
        work.add_done_callback(lambda _: arrived.set())
        try:
            while True:
                await self._wait(arrived, kind)
                done = work.done()
                for event in mailbox.take():
                    # As above: the last one has the result.
                    frame = partial(_frame, event, kind)
                    await self._send(await asyncio.to_thread(frame) if done else frame())
                if done:
                    break
            work.result()
        finally:
            work.cancel()
            # The code ends before its request does.
            await asyncio.wait({work})
            if not work.cancelled():
                work.exception()

    async def _wait(self, arrived: asyncio.Event, kind: str) -> None:
        """Wait for events; say in between that it goes on."""
        while not arrived.is_set():
            try:
                await asyncio.wait_for(arrived.wait(), BEAT_SECONDS)
            except asyncio.TimeoutError:
                await self._send(beat(kind))
        arrived.clear()

    async def _send(self, piece: bytes) -> None:
        """Write, and wait until there is room for more. Raises StreamClosedError, TimeoutError."""
        self.write(piece)
        await asyncio.wait_for(self.flush(), STALL_SECONDS)
        # A client as fast as the loopback never makes us wait.
        await asyncio.sleep(0)

    def _cut(self) -> None:
        """Close the connection: to finish would make what is broken look whole."""
        self._finished = True
        connection: Any = self.request.connection
        connection.stream.close()


def _frame(event: Event, kind: str) -> bytes:
    return framed(to_json(event), kind)


def _unheard(_: Event) -> None:
    """Nobody asked what happens meanwhile."""
