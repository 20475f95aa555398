"""How executions begin: whose they are, and what was asked for. The recorder's thread."""

from __future__ import annotations

from dataclasses import replace

from ..records.execution import Execution, ExecutionKey
from .index import ExecutionIndex
from .journal import journal_line
from .kernelstate import KernelState
from .live import Live
from .outcome import REPLY, REQUESTED
from .refs import intern
from .requests import Reply, Request
from .sink import Sink

LOCAL_CLIENT = "local client"


class Beginnings:
    """Makes them out of what clients have said, and puts them into the index."""

    def __init__(self, sink: Sink, index: ExecutionIndex) -> None:
        self._sink = sink
        self._index = index

    def start(
        self,
        kernel: KernelState,
        msg_id: str,
        client: str,
        request: Request | None = None,
    ) -> Live:
        """Begin an execution, which has no number before anything of it is worth keeping."""
        kernel.unskip(msg_id)
        request = request or kernel.requests.pop(msg_id, None)
        user = request.user if request else kernel.clients.get(client)
        execution = Execution(
            key=self._new_key(kernel, msg_id),
            number=0,
            session_id=self._sink.session.id,
            user_id=self.user_id(user),
            kernel=kernel.kernel,
            notebook=kernel.notebook,
            cell_id=request.cell_id if request else None,
            submitted_at=request.submitted_at if request else None,
            tool=request is not None and not request.store_history,
            client=(request.client if request else None)
            or (client if client in kernel.clients else LOCAL_CLIENT),
        )
        live = Live(execution, request.code if request else "")
        if request:
            at = request.received_at
            live.take(journal_line(REQUESTED, {"silent": request.silent}, at), at)
        reply = kernel.replies.pop(msg_id, None)
        if reply:
            self.take_reply(live, reply)
        self._index.add(live)
        return live

    def _new_key(self, kernel: KernelState, msg_id: str) -> ExecutionKey:
        """Return a key that no execution has, also none that only the record still knows."""
        key = self._index.new_key(kernel, msg_id)
        while self._sink.has(key):
            key = replace(key, repeat=key.repeat + 1)
        return key

    def recognise(self, kernel: KernelState, live: Live, code: str) -> None:
        """Learn whose cell it is that the server itself runs; only its code tells which."""
        request = kernel.claim(code) if live.execution.client == LOCAL_CLIENT else None
        if request is not None:
            live.execution = replace(
                live.execution,
                user_id=self.user_id(request.user),
                cell_id=request.cell_id,
                submitted_at=request.submitted_at,
            )

    def take_reply(self, live: Live, reply: Reply) -> None:
        """Note how the kernel has answered."""
        line = journal_line(REPLY, reply.content, reply.received_at)
        live.take(line, reply.received_at, intern(line, self._sink.blobs))

    def user_id(self, user: str | None) -> str | None:
        """Return who the record says a user of the server is."""
        session = self._sink.session
        return session.user_id if user in (None, session.owner) else user
