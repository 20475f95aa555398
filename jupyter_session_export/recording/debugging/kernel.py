"""The debugger of one kernel, over all its debug sessions. The recorder's thread."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Any

from ...records.debugging import Cell, DebugSession
from ...records.execution import Execution
from ...records.times import from_timestamp, now
from ..channels import Channels
from ..kernelstate import KernelState
from ..promise import resolve
from ..queue import Command
from ..session import SessionRecording
from ..wire import Message
from .capture import Capture
from .interrogator import Interrogator
from .ongoing import Ongoing, Stopped
from .overheard import body_of
from .sources import SourceIndex
from .traffic import DebugReply, DebugRequest
from .turns import Turns

MOST_PENDING = 100

ENDED = "stopped by its user"
ANEW = "started anew"
ENDING = frozenset({"terminated", "exited"})
TRAILING = ENDING | {"thread", "continued"}
"""Events that may come when a debug session is over, and begin none."""

NO_DEBUGGER = "the kernel doesn't say that its debugger may be asked"
UNSEEN = "the debugger is used by somebody whose requests the server doesn't see"
MANY = "too many debuggers are in use"
NO_THREAD = "the debugger doesn't say which thread has stopped"

Engage = Callable[[Channels, Turns], Interrogator | None]
"""Start a thread that asks a debugger; None where there are too many."""


class DebuggedKernel:
    """Opens, feeds and ends a kernel's debug sessions. `turns` is for any thread."""

    def __init__(self, call: Callable[[Command], None], engage: Engage) -> None:
        self.turns = Turns()
        self.channels: Channels | None = None
        self.has_debugger: bool | None = None
        self.ongoing: Ongoing | None = None
        self._call = call
        self._engage = engage
        self._sources = SourceIndex()
        self._interrogator: Interrogator | None = None
        self._initialized = False
        self._missed = False
        self._pending: OrderedDict[str, DebugRequest] = OrderedDict()

    def note_source(self, message: Message) -> None:
        """Take an execute_input, so that a debugger's file can be told from its name."""
        code = message.content.get("code")
        if self.has_debugger and isinstance(code, str):
            self._sources.note(code, message.parent_id)

    def take(
        self, state: KernelState, session: SessionRecording, message: Message, at: float
    ) -> None:
        """Take a debug_event. Raises StoreError."""
        name, body = str(message.content.get("event")), message.content.get("body")
        if not session.takes(state):
            self._missed = True
        elif ongoing := self._open(state, session, name, from_timestamp(at)):
            cell = _running(state, session)
            ongoing.event(name, body, from_timestamp(at), cell.execution if cell else None)
            if name == "stopped":
                told = body if isinstance(body, dict) else {}
                stopped = Stopped(told, from_timestamp(at), cell)
                self._stopped(state, session, ongoing, message.msg_id, stopped)
        if name in ENDING:
            self.end(session, ENDED)

    def requested(
        self, state: KernelState, session: SessionRecording, request: DebugRequest
    ) -> None:
        """Take a person's request. Raises StoreError."""
        if request.command != "setBreakpoints" or not session.takes(state):
            return
        self._pending[request.msg_id] = request
        if len(self._pending) > MOST_PENDING:
            self._pending.popitem(last=False)
        if self.ongoing is not None:
            self.ongoing.request_breakpoints(request.arguments, request.received_at)

    def replied(self, state: KernelState, session: SessionRecording, reply: DebugReply) -> None:
        """Take the debugger's answer to a person. Raises StoreError."""
        request = self._pending.pop(reply.msg_id, None)
        if request is not None and self.ongoing is not None and session.takes(state):
            self.ongoing.confirm_breakpoints(request.arguments, body_of(reply.content))

    def end(self, session: SessionRecording, cause: str) -> None:
        """End the debug session, if there is one."""
        ongoing, self.ongoing = self.ongoing, None
        interrogator, self._interrogator = self._interrogator, None
        self._initialized = self._missed = False
        self._pending.clear()
        if interrogator is not None:
            interrogator.close()
        if ongoing is not None:
            session.attempt(partial(ongoing.end, now(), cause))

    def inquire(self, state: KernelState, session: SessionRecording) -> Future[None] | None:
        """Ask a debugger that is in use what it says of itself; None where none can be asked.

        Nor where nothing of it is recorded now.
        """
        ongoing = self.ongoing if session.takes(state) else None
        interrogator = self._asked() if ongoing is not None else None
        if ongoing is None or interrogator is None:
            return None
        done: Future[None] = Future()
        purges = ongoing.purges

        def inform(info: dict[str, Any] | None) -> None:
            # A debugger that has been stopped meanwhile knows nothing any more.
            recorded = session.is_open and session.takes(state) and ongoing.purges == purges
            if info and info.get("isStarted") and recorded:
                session.attempt(partial(ongoing.inform, info, now()))
            resolve(done, None)

        interrogator.inform(lambda info: self._call(lambda: inform(info)))
        return done

    def _open(
        self, state: KernelState, session: SessionRecording, name: str, at: datetime
    ) -> Ongoing | None:
        """Return the debug session that an event belongs to, begun; None where it has ended."""
        if name == "initialized":
            if self._initialized:
                self.end(session, ANEW)
            self._initialized = True
        if self.ongoing is None and name not in TRAILING:
            sink = session.sink
            opened = DebugSession(
                number=sink.next_debug_number(),
                kernel=state.kernel,
                incarnation=state.incarnation,
                notebook=state.notebook,
                started_at=at,
                truncated=self._missed,
            )
            self.ongoing = Ongoing(sink, opened, partial(self._find_cell, state, session))
        if self.ongoing is not None and self._missed:
            self.ongoing.miss()
        self._missed = False
        return self.ongoing

    def _stopped(
        self,
        state: KernelState,
        session: SessionRecording,
        ongoing: Ongoing,
        stop_id: str,
        stopped: Stopped,
    ) -> None:
        thread_id = stopped.body.get("threadId")
        obstacle = self._obstacle() if isinstance(thread_id, int) else NO_THREAD
        interrogator = None if obstacle else self._asked()
        capture = Capture(thread_id, with_modules=not ongoing.session.modules)
        if interrogator is None:
            capture.cut(obstacle or MANY)
            ongoing.stop(stopped, capture, 0.0)
            return
        purges, began = ongoing.purges, time.monotonic()

        def captured() -> None:
            took = (time.monotonic() - began) * 1000
            if session.is_open and session.takes(state) and ongoing.purges == purges:
                session.attempt(partial(ongoing.stop, stopped, capture, took))

        interrogator.capture(stop_id, capture, lambda: self._call(captured))

    def _obstacle(self) -> str | None:
        """Say why the debugger may not be asked what it stopped at."""
        if not self.has_debugger or self.channels is None:
            return NO_DEBUGGER
        return None if self.turns.attached else UNSEEN

    def _asked(self) -> Interrogator | None:
        """Return who asks this debugger, engaged where nobody does."""
        if self._interrogator is None and self.has_debugger and self.channels is not None:
            self._interrogator = self._engage(self.channels, self.turns)
        return self._interrogator

    def _find_cell(self, state: KernelState, session: SessionRecording, path: str) -> Cell | None:
        msg_id = self._sources.find(path)
        if msg_id is None:
            return None
        live = session.track.index.current(state, msg_id)
        execution = live.execution if live else session.track.index.ended(state, msg_id)
        return None if execution is None else _cell(execution)


def _running(state: KernelState, session: SessionRecording) -> Cell | None:
    """Return the cell that runs; with subshells the one that began last."""
    running = [_cell(live.execution) for live in session.track.index.running(state)]
    return next((cell for cell in reversed(running) if cell is not None), None)


def _cell(execution: Execution) -> Cell | None:
    if not execution.number:
        return None
    return Cell(execution.number, execution.folder, execution.cell_id, execution.notebook)
