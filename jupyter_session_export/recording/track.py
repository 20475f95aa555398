"""One session's recording: its kernels' messages become executions in its sink.

Only the recorder's thread calls it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..records.execution import Execution, ExecutionKey, Status
from ..records.times import from_timestamp
from ..records.timing import CellTiming
from ..records.usage import Told
from ..records.widgets import UNKNOWN
from .archivist import Archivist
from .beginnings import Beginnings
from .captures import Capture
from .encoding import to_bytes
from .endings import Endings
from .folding import display_id_of
from .index import ExecutionIndex
from .journal import journal_line
from .kernelstate import KernelState
from .live import Live
from .outcome import (
    ANSWERED,
    ASKED,
    CAPTURED,
    INTERRUPTED,
    OUTPUT_TYPES,
    TIMING,
    kernel_time,
)
from .refs import intern, intern_buffers
from .requests import Answer, Prompt, Reply, Request
from .sampling import Sampler
from .sink import Sink
from .wire import Message

KEPT_TYPES = OUTPUT_TYPES | {"execute_input"}
DISPLAY_TYPES = frozenset({"display_data", "execute_result", "update_display_data"})


class Track:
    """Begins, feeds and ends executions; the `Archivist` seals them."""

    def __init__(self, sink: Sink, archivist: Archivist, sampler: Sampler) -> None:
        self._sink = sink
        self._archivist = archivist
        self._sampler = sampler
        self.index = ExecutionIndex()
        self._beginnings = Beginnings(sink, self.index)
        self._endings = Endings(archivist, self.index, sampler)
        archivist.on_forgotten = self.index.close

    def take(self, kernel: KernelState, message: Message, at: float) -> None:
        """Take a message whose parent is an execute_request. Raises StoreError."""
        live = self.index.current(kernel, message.parent_id)
        if message.type == "stream":
            self._stream(kernel, live, message, at)
        elif message.type == "status":
            self._status(kernel, live, message, from_timestamp(at))
        elif message.type in KEPT_TYPES:
            self._keep(kernel, live, message, from_timestamp(at))

    def ignore(self, kernel: KernelState, message: Message, at: float) -> None:
        """Follow what runs while nothing is recorded, so that it ends with the right status."""
        if message.type == "execute_input" and message.parent_session not in kernel.clients:
            # Else the next run of the same code were taken for what was submitted in a pause.
            kernel.claim(str(message.content.get("code")))
        live = self.index.current(kernel, message.parent_id)
        if live is None or live.ended:
            kernel.skip(message.parent_id)
            return
        live.truncate()
        if _state(message) == "idle":
            self._status(kernel, live, message, from_timestamp(at))

    def reply(self, kernel: KernelState, reply: Reply) -> None:
        """Take an execute_reply, which may come before or after the execution's idle."""
        live = self.index.current(kernel, reply.msg_id)
        ended = self.index.ended(kernel, reply.msg_id)
        if live is None and ended is None:
            kernel.keep_reply(reply)
            return
        if live is not None and live.is_sealed and _agrees(live.execution, reply):
            return
        if live is None and ended is not None and not _agrees(ended, reply):
            live = self._reopen(ended.key)
        if live is None:
            return
        self._beginnings.take_reply(live, reply)
        if live.ended:
            live.conclude()
            self._archivist.seal(live)

    def hear(self, kernel: KernelState, told: Prompt | Answer) -> None:
        """Take a question of what runs, which may come before anything else of it, or its answer.

        An answer whose question was not recorded isn't either.
        """
        live = self.index.current(kernel, told.msg_id)
        if isinstance(told, Prompt):
            if live is None and not self._is_known(kernel, told.msg_id):
                live = self._beginnings.start(kernel, told.msg_id, "")
            if live is not None and not live.ended:
                content = {"id": told.id, "prompt": told.prompt, "password": told.password}
                live.take(journal_line(ASKED, content, told.asked_at), told.asked_at)
        elif live is not None and not live.ended and live.outcome.question == told.id:
            content = {"id": told.id, "value": told.value}
            live.take(journal_line(ANSWERED, content, told.received_at), told.received_at)

    def capture(self, kernel: KernelState, captures: list[Capture]) -> None:
        """Note that widgets take what executions put out, or don't any more."""
        for one in captures:
            live = self.index.current(kernel, one.msg_id)
            if live is not None and not live.ended:
                content = {"widget": one.widget, "begins": one.begins}
                live.take(journal_line(CAPTURED, content, live.last_at), live.last_at)

    def interrupt(self, kernel: KernelState, at: datetime, cause: str | None = None) -> None:
        """Note that an interrupt is sent; restarts and shutdowns begin with one too."""
        for live in self.index.running(kernel):
            if cause and live.outcome.interrupted_by == cause:
                continue
            live.take(journal_line(INTERRUPTED, {"cause": cause} if cause else {}, at), at)

    def lose(self, kernel: KernelState, requests: list[Request], cause: str, at: datetime) -> None:
        """End what ran, and what was still to run, in a process that is gone."""
        for live in self.index.running(kernel):
            self._endings.lose(kernel, live, cause, at)
        for request in requests:
            if not request.silent:
                live = self._beginnings.start(kernel, request.msg_id, "", request)
                self._endings.lose(kernel, live, cause, at)

    def number_of(self, kernel: KernelState, message: Message) -> int | None:
        """Return the number of the execution that a message came with; None where there is none."""
        if not message.of_execution:
            return None
        live = self.index.current(kernel, message.parent_id)
        execution = live.execution if live else self.index.ended(kernel, message.parent_id)
        return execution.number if execution else UNKNOWN

    def give_up(self, kernel: KernelState, at: datetime) -> None:
        """End what ran while messages were lost: another one begins, so its end was among them."""
        for live in self.index.running(kernel):
            if live.outcome.reply is None:
                self._endings.lose(kernel, live, "its end was not heard", at)
            else:
                live.take(journal_line("status", {"execution_state": "idle"}, at), at)
                self._endings.measure(live, at)
                self._endings.end(kernel, live)

    def truncate(self, kernel: KernelState) -> None:
        for live in self.index.running(kernel):
            live.truncate()

    def _is_known(self, kernel: KernelState, msg_id: str) -> bool:
        return kernel.skips(msg_id) or self.index.ended(kernel, msg_id) is not None

    def _stream(self, kernel: KernelState, live: Live | None, message: Message, at: float) -> None:
        text = message.content.get("text")
        if live is None or live.journal is None:
            live = self._begun(kernel, live, message, from_timestamp(at))
        if live is None or not isinstance(text, str):
            return
        name = "stderr" if message.content.get("name") == "stderr" else "stdout"
        live.heard.append((message.msg_id, message.date))
        live.take_stream(name, to_bytes(text), at)
        if live.ended:
            live.note_late(from_timestamp(at))

    def _status(
        self, kernel: KernelState, live: Live | None, message: Message, at: datetime
    ) -> None:
        state = _state(message)
        if state == "busy" and (live is None or live.ended):
            live = self._beginnings.start(kernel, message.parent_id, message.parent_session)
            self._sampler.begin(live.key)
        if live is None or live.ended:
            return
        live.heard.append((message.msg_id, message.date))
        live.take(journal_line("status", message.content, at, date=message.date), at)
        if state == "idle":
            self._endings.measure(live, at, Told.by(message.metadata))
            timing = CellTiming.by(message.metadata)
            if timing is not None:
                live.take(journal_line(TIMING, timing.to_json(), at), at)
            self._endings.end(kernel, live)

    def _keep(self, kernel: KernelState, live: Live | None, message: Message, at: datetime) -> None:
        if message.type == "execute_input" and live is not None and live.ended:
            live = None
        live = self._begun(kernel, live, message, at)
        if live is None:
            return
        blobs = self._sink.blobs
        line = journal_line(
            message.type,
            message.content,
            at,
            date=message.date,
            metadata=message.metadata,
            buffers=intern_buffers(message.buffers, blobs),
        )
        written = intern(line, blobs)
        live.heard.append((message.msg_id, message.date))
        live.take(line, at, written)
        self._show(kernel, live, written)
        if live.ended:
            live.note_late(at)

    def _begun(
        self, kernel: KernelState, live: Live | None, message: Message, at: datetime
    ) -> Live | None:
        """Return the execution that a message belongs to, begun; None where it is to be ignored."""
        if live is None:
            if kernel.skips(message.parent_id):
                return None
            ended = self.index.ended(kernel, message.parent_id)
            if ended is not None and message.type != "execute_input":
                # None where its record was purged: then nothing of it comes back.
                return self._reopen(ended.key)
        if live is None:
            live = self._beginnings.start(kernel, message.parent_id, message.parent_session)
        if live.journal is None:
            if message.type == "execute_input":
                self._beginnings.recognise(kernel, live, str(message.content.get("code")))
            live.outcome.started_at = live.outcome.started_at or kernel_time(message.date, at)
            self._archivist.begin(live)
        return live

    def user_id(self, user: str | None) -> str | None:
        """Return who the record says a user of the server is."""
        return self._beginnings.user_id(user)

    def _show(self, kernel: KernelState, live: Live, line: dict[str, Any]) -> None:
        """Keep what other executions must show too, since they displayed under the same id."""
        if line["type"] not in DISPLAY_TYPES:
            return
        display_id = display_id_of(line["content"])
        if display_id is None:
            return
        update = {**line, "type": "update_display_data", "parent": live.key.msg_id}
        for key in kernel.displays.shown_by(display_id):
            if key != live.key:
                live.updates[key, display_id] = update
        if line["type"] != "update_display_data":
            kernel.displays.show(display_id, live.key)

    def _reopen(self, key: ExecutionKey) -> Live | None:
        live = self._archivist.reopen(key)
        if live is not None:
            self.index.add(live)
        return live


def _state(message: Message) -> Any:
    return message.content.get("execution_state") if message.type == "status" else None


def _agrees(ended: Execution, reply: Reply) -> bool:
    """Tell whether a late reply says nothing new."""
    if "page" in reply.content:
        return False
    status = str(reply.content.get("status"))
    said = {
        "ok": (Status.OK,),
        "error": (Status.ERROR, Status.INTERRUPTED),
        "abort": (Status.ABORTED, Status.INTERRUPTED),
        "aborted": (Status.ABORTED, Status.INTERRUPTED),
    }.get(status, ())
    return ended.status is Status.LOST or ended.status in said
