"""The kernel of a session that a server runs, reached by its websocket and its REST API."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping

from ...errors import (
    KernelDied,
    KernelStartFailed,
    NotSupported,
    ServerRefused,
    SessionExportError,
)
from ...recording.facts import EXTENSIONS
from ...records.execution import Kernel
from ..link import Hear, Heard, Reply, ignore, replaced, told_by
from ..pending import Pending, request_content
from .channels import ChannelsSocket, Document
from .server import Server

HELLO_SECONDS = 0.5
START_SECONDS = 60.0
LOOK_SECONDS = 5.0
"""How often the server is asked for a kernel of which something is waited for."""
RESTART_PAUSES = (0.5, 1.5)
"""Seconds between tries."""
ENDED = ("restarting", "dead")


class RemoteLink:
    """A `KernelLink`."""

    def __init__(self, server: Server, kernel_id: str, name: str, language: str) -> None:
        self._server = server
        self._kernel = Kernel(kernel_id, name, language, EXTENSIONS.get(language, ".txt"))
        self._turn = asyncio.Lock()
        self._pending = Pending()
        self._info: asyncio.Future[Document] = asyncio.get_running_loop().create_future()
        self._socket = ChannelsSocket(server.access, kernel_id, self._take, self._lost)
        self._restarts = self._closed = False
        self._process: str | None = None
        """What the kernel's process calls itself in its messages."""
        self._running: set[str] = set()
        self.ended: KernelDied | None = None

    async def open(self) -> None:
        """Connect, and wait until the kernel answers. Raises KernelStartFailed."""
        await self._socket.open()
        loop = asyncio.get_running_loop()
        until = loop.time() + START_SECONDS
        while not self._info.done():
            await self._socket.send("kernel_info_request", uuid.uuid4().hex, {})
            await asyncio.wait({self._info}, timeout=HELLO_SECONDS)
            if not self._info.done() and loop.time() > until:
                raise KernelStartFailed(
                    "The kernel does not answer.", f"It was given {START_SECONDS:g} s."
                )
        self._kernel = told_by(self._kernel, self._info.result())

    @property
    def kernel(self) -> Kernel:
        return self._kernel

    @property
    def pid(self) -> int | None:
        return None

    @property
    def busy(self) -> bool:
        return bool(self._running)

    @property
    def connection_file(self) -> str | None:
        return None

    async def execute(
        self,
        code: str,
        *,
        hear: Hear = ignore,
        silent: bool = False,
        store_history: bool = True,
        expressions: Mapping[str, str] | None = None,
    ) -> Reply:
        async with self._turn:
            self._require_open()
            msg_id = uuid.uuid4().hex
            content = request_content(
                code, silent=silent, store_history=store_history, expressions=expressions
            )
            if self._socket.lost:
                # Its variables are there still, unless the server says otherwise.
                await self._connect()
            asked = self._pending.add(msg_id, hear)
            try:
                await self._socket.send("execute_request", msg_id, content)
                while not asked.done.done():
                    await asyncio.wait({asked.done}, timeout=LOOK_SECONDS)
                    if not asked.done.done() and not await self.is_alive():
                        raise self.ended or _died("nobody knows how")
                # The idle of what was done before may have been lost with a connection.
                self._running.clear()
                return asked.done.result()
            finally:
                self._pending.forget(msg_id)

    async def interrupt(self) -> None:
        await self._act("interrupt")

    async def signal(self, number: int) -> None:
        raise NotSupported("Kernels of a server can't be sent signals.", "Interrupt it instead.")

    async def restart(self) -> None:
        self._pending.break_off(KernelDied("The kernel was restarted."))
        async with self._turn:
            self._require_open()
            self._restarts = True
            try:
                await self._restart_kernel()
            except ServerRefused as error:
                raise KernelStartFailed("The kernel can't be restarted.", error.message) from error
            finally:
                self._restarts = False
            # Of the old socket a gateway may say nothing any more.
            await self._connect()
            self.ended = None

    async def is_alive(self) -> bool:
        if self._closed:
            return False
        there = await self._server.status(f"api/kernels/{self._kernel.id}") != 404
        if not there and not self._restarts:
            self.ended = self.ended or _died("the server has it no more")
        return there

    async def close(self) -> None:
        """Let go of the kernel, which its session ends."""
        self._closed = True
        self._pending.break_off(KernelDied("The session was closed."))
        self._info.cancel()
        await self._socket.close()

    async def _connect(self) -> None:
        """Connect anew. Raises ServerUnreachable."""
        await self._socket.close()
        self._info = asyncio.get_running_loop().create_future()
        self._process = None
        self._running.clear()
        self._socket = ChannelsSocket(self._server.access, self._kernel.id, self._take, self._lost)
        await self.open()

    async def _restart_kernel(self) -> None:
        # After a death the server's own restarter may be at it: two restarts at a time fail.
        for seconds in RESTART_PAUSES:
            try:
                return await self._act("restart")
            except ServerRefused:
                await asyncio.sleep(seconds)
        return await self._act("restart")

    async def _act(self, action: str) -> None:
        await self._server.json("POST", f"api/kernels/{self._kernel.id}/{action}", json={})

    def _require_open(self) -> None:
        if self._closed:
            raise KernelDied("The session was closed.")

    def _take(self, document: Document) -> None:
        header, content = document.get("header") or {}, document.get("content") or {}
        kind = str(header.get("msg_type"))
        parent = document.get("parent_header") or {}
        msg_id = str(parent.get("msg_id"))
        if kind == "kernel_info_reply" and not self._info.done():
            self._process = header.get("session")
            self._info.set_result(content)
        elif kind == "execute_reply":
            self._pending.replied(msg_id, content)
        elif kind == "status" and content.get("execution_state") in ENDED:
            self._end(_died("the server says so"))
        elif document.get("channel") == "iopub":
            if kind == "status":
                self._hear_status(header, parent, str(content.get("execution_state")))
            self._pending.published(msg_id, Heard(kind, content, document.get("metadata") or {}))

    def _hear_status(self, header: Document, parent: Document, state: str) -> None:
        # Some kernels answer by the name of who has asked them.
        known = (None, self._process, parent.get("session"))
        if "session" in parent and self._process and header.get("session") not in known:
            self._end(replaced())
        elif parent.get("msg_type") == "execute_request":
            change = self._running.add if state == "busy" else self._running.discard
            change(str(parent.get("msg_id")))

    def _end(self, died: KernelDied) -> None:
        if not self._restarts:
            self.ended = died
            self._pending.break_off(died)

    def _lost(self, error: Exception) -> None:
        self._pending.break_off(_unreachable(error))


def _died(how: str) -> KernelDied:
    return KernelDied(f"The kernel has died ({how}).", "Its variables are gone.")


def _unreachable(error: Exception) -> SessionExportError:
    if isinstance(error, SessionExportError):
        return KernelDied(error.message, error.detail)
    return KernelDied("The kernel can't be reached any more.", str(error))
