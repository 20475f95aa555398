"""Whose turn it is at a debugger that a person uses too. Any thread."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from .overheard import Overheard, Question, question

QUIET = 0.1
"""Seconds without a person's request before we ask; a page asks several things in a row."""
SHOWN_SECONDS = 1.0
"""A stop that no websocket passes on for so long is one that no page can end."""
FORGOTTEN = 60.0
"""Seconds after which a person's request counts as never answered."""
MOST_REMEMBERED = 1000

ASKING = frozenset(
    {
        "breakpointLocations",
        "completions",
        "copyToGlobals",
        "debugInfo",
        "dumpCell",
        "evaluate",
        "exceptionInfo",
        "gotoTargets",
        "inspectVariables",
        "loadedSources",
        "modules",
        "richInspectVariables",
        "scopes",
        "setBreakpoints",
        "setDataBreakpoints",
        "setExceptionBreakpoints",
        "setExpression",
        "setFunctionBreakpoints",
        "setVariable",
        "source",
        "stackTrace",
        "stepInTargets",
        "threads",
        "variables",
    }
)
"""Requests that leave a stopped program stopped. Any other may let it go on."""

T = TypeVar("T")


class Asked(NamedTuple):
    """A person's request without its answer: since when, for what, at which stop."""

    at: float
    question: Question | None
    stop_id: str | None


class Turns:
    """One kernel's. A stop is over as soon as a request passes that may end it.

    ipykernel takes the debugger's next answer for that of its last request, whoever
    asked: while a program goes on to its next stop it asks something itself, and an
    answer to us would be taken for its own. So no request of ours may follow one
    that lets the program go on. That is why the order counts in which the
    websocket passes on stops and requests, rather than any clock.
    """

    def __init__(self) -> None:
        self.attached = False
        self._changed = threading.Condition()
        self._count = 0
        self._resumed = 0
        self._stops: OrderedDict[str, int] = OrderedDict()
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._current: str | None = None
        self.overheard = Overheard()
        self._last = 0.0

    def entered(self, msg_id: str, command: str, arguments: dict[str, Any]) -> None:
        """Note a person's request that is about to reach the kernel."""
        with self._changed:
            self._last = time.monotonic()
            self._asked[msg_id] = Asked(self._last, question(command, arguments), self._current)
            _bound(self._asked)
            if command not in ASKING:
                self._resumed, self._current = self._next(), None
            if command in ("attach", "disconnect"):
                self.attached = command == "attach"
            self._changed.notify_all()

    def left(self, msg_id: str, content: bytes) -> None:
        """Note the answer to a person's request."""
        with self._changed:
            asked = self._asked.pop(msg_id, None)
            if asked is not None:
                self._last = time.monotonic()
                if asked.question is not None and asked.stop_id is not None:
                    self.overheard.keep(asked.stop_id, asked.question, content)
            self._changed.notify_all()

    def shown(self, stop_id: str) -> None:
        """Note that a websocket is about to pass on a stop; others may do so later."""
        with self._changed:
            if stop_id not in self._stops:
                self._stops[stop_id] = self._next()
                self._current = stop_id
                # The page is about to ask: what it is told needs not be asked again.
                self._last = time.monotonic()
                _bound(self._stops)
            self._changed.notify_all()

    def reset(self) -> None:
        """Note that the kernel's process is gone."""
        with self._changed:
            self.attached = False
            self._asked.clear()
            self._resumed, self._current = self._next(), None
            self._changed.notify_all()

    def wait(self, stop_id: str, until: float) -> bool:
        """Wait until we may ask; False where the stop is over, or not before `until`."""
        with self._changed:
            unseen = self._next()
            shown_by = min(until, time.monotonic() + SHOWN_SECONDS)
            while stop_id not in self._stops and (left := shown_by - time.monotonic()) > 0:
                self._changed.wait(left)
            self._stops.setdefault(stop_id, unseen)
            while self._is_current(stop_id):
                at = time.monotonic()
                if at >= until:
                    return False
                quiet_at = self._last + QUIET
                if not self._is_asked(at) and at >= quiet_at:
                    return True
                self._changed.wait(min(until, max(quiet_at, at + QUIET)) - at)
            return False

    def take(self, stop_id: str, send: Callable[[], T]) -> T | None:
        """Send a request of ours; None where a person has just asked for something."""
        with self._changed:
            if not self._is_current(stop_id) or self._is_asked(time.monotonic()):
                return None
            return send()

    def is_over(self, stop_id: str) -> bool:
        with self._changed:
            return not self._is_current(stop_id)

    def _is_current(self, stop_id: str) -> bool:
        return self._stops.get(stop_id, 0) > self._resumed

    def _is_asked(self, at: float) -> bool:
        return any(at - asked.at < FORGOTTEN for asked in self._asked.values())

    def _next(self) -> int:
        self._count += 1
        return self._count


def _bound(mapping: OrderedDict[str, Asked] | OrderedDict[str, int]) -> None:
    while len(mapping) > MOST_REMEMBERED:
        mapping.popitem(last=False)
