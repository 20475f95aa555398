"""A debug session that goes on: what comes of it, written as it comes. The recorder's thread."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ...records.debugging import EVENT, STOP, Breakpoint, Cell, DebugItem, DebugSession
from ...records.purge import PurgeScope
from ...records.times import to_iso
from ..sink import Sink
from . import breakpoints
from .breakpoints import Breakpoints
from .capture import Capture

MOST_EVENTS = 10_000
MOST_STOPS = 1000
MOST_BYTES = 16 * 1024 * 1024
"""All stops and events of one debug session."""
EVENT_BYTES = 16 * 1024

FindCell = Callable[[str], Cell | None]
"""The path that a debugger names → the cell that it stands for."""
STOP_FIELDS = {
    "reason": "reason",
    "thread_id": "threadId",
    "text": "text",
    "description": "description",
}


@dataclass(frozen=True, slots=True)
class Stopped:
    """A stop as the debugger told it, and the cell that ran."""

    body: dict[str, Any]
    at: datetime
    cell: Cell | None


class Ongoing:
    """Keeps the session's row as it is, adds stops and events. Any call may raise StoreError."""

    def __init__(self, sink: Sink, session: DebugSession, find_cell: FindCell) -> None:
        self.session = session
        self._sink = sink
        self._find_cell = find_cell
        self._events = 0
        self._stops = 0
        self._bytes = 0
        self.purges = 0
        """How often something was purged: what was captured before must not come back."""
        sink.save_debug_session(session)

    def event(self, name: str, body: Any, at: datetime, execution: int | None) -> None:
        """Write down what the debugger published."""
        self._events += 1
        content = {"at": to_iso(at), "event": name, "body": body}
        if len(json.dumps(content)) > EVENT_BYTES:
            content = {**content, "body": None, "truncated": True}
        if self._events > MOST_EVENTS or not self._add(EVENT, at, execution, content):
            self.drop()

    def stop(self, stopped: Stopped, capture: Capture, milliseconds: float) -> None:
        """Write down a stop with what was captured of it, which took so long."""
        self._stops += 1
        cell = stopped.cell
        content = {
            "number": self._stops,
            "at": to_iso(stopped.at),
            **{name: stopped.body.get(key) for name, key in STOP_FIELDS.items()},
            "cell": None if cell is None else cell.to_json(),
            "capture_ms": round(milliseconds, 1),
            "incomplete": "; ".join(capture.cuts) or None,
            "frames": [self._frame(frame) for frame in capture.frames],
        }
        number = None if cell is None else cell.execution
        if self._stops > MOST_STOPS or not self._add(STOP, stopped.at, number, content):
            self.drop()
        if capture.modules:
            self._save(replace(self.session, modules=capture.modules))
        if capture.info:
            self.inform(capture.info, stopped.at)

    def drop(self) -> None:
        """Count what there is no room for."""
        self._save(replace(self.session, dropped=self.session.dropped + 1))

    def miss(self) -> None:
        """Mark that something came while nothing was recorded."""
        self._save(replace(self.session, truncated=True))

    def request_breakpoints(self, arguments: dict[str, Any], at: datetime) -> None:
        self._set(breakpoints.requested(self.session.breakpoints, arguments, at))

    def confirm_breakpoints(self, arguments: dict[str, Any], answer: dict[str, Any]) -> None:
        self._set(breakpoints.confirmed(self.session.breakpoints, arguments, answer))

    def inform(self, info: dict[str, Any], at: datetime) -> None:
        """Take what the debugger says of itself."""
        self._save(replace(self.session, info=info))
        self._set(breakpoints.informed(self.session.breakpoints, info, at))

    def end(self, at: datetime, cause: str) -> None:
        found = self._located(self.session.breakpoints)
        self._save(replace(self.session, breakpoints=found, ended_at=at, end=cause))

    def purge(self, scope: PurgeScope, executions: Collection[int]) -> None:
        """Forget what a purge takes, and go on."""
        self.purges += 1
        self.session = self.session.without(scope, executions)
        self._sink.save_debug_session(self.session)

    def follow(self, old: str, new: str) -> None:
        """Know the notebook by where it lies now, or its folder does."""
        path = self.session.notebook
        if path is not None and (path == old or path.startswith(f"{old}/")):
            self._save(replace(self.session, notebook=new + path.removeprefix(old)))

    def _frame(self, frame: dict[str, Any]) -> dict[str, Any]:
        cell = self._find_cell(frame["path"] or "")
        return {"cell": None if cell is None else cell.to_json(), **frame}

    def _set(self, changed: Breakpoints) -> None:
        self._save(replace(self.session, breakpoints=self._located(changed)))

    def _located(self, found: Breakpoints) -> Breakpoints:
        return tuple(self._locate(one) for one in found)

    def _locate(self, one: Breakpoint) -> Breakpoint:
        # A cell is known by its text once it has run; breakpoints are set before.
        return one if one.cell is not None else replace(one, cell=self._find_cell(one.path))

    def _add(self, kind: str, at: datetime, execution: int | None, content: dict[str, Any]) -> bool:
        self._bytes += len(json.dumps(content))
        if self._bytes > MOST_BYTES:
            return False
        self._sink.add_debug_item(DebugItem(self.session.number, kind, at, execution, content))
        return True

    def _save(self, session: DebugSession) -> None:
        if session != self.session:
            self._sink.save_debug_session(session)
            self.session = session
