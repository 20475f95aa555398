"""What a person's page was told of a stop: it needs not be asked once more. Any thread.

A page asks for the stack and the variables of the uppermost frame whenever a
program stops, so these are known also where somebody steps on at once.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import Any

MOST_STOPS = 16
MOST_BYTES = 1024 * 1024
"""Of the answers to one stop."""
KEYS = {"stackTrace": "threadId", "scopes": "frameId", "variables": "variablesReference"}
"""What can be overheard, and which argument says what was asked for."""

Question = tuple[str, int]


def question(command: str, arguments: dict[str, Any]) -> Question | None:
    """Return what tells a request from others at one stop; None where not all is asked for."""
    about = arguments.get(KEYS.get(command, ""))
    partial = command == "variables" and arguments.keys() - {"variablesReference"}
    return None if partial or not isinstance(about, int) else (command, about)


class Overheard:
    """The answers to the last stops of one kernel, as they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: OrderedDict[str, dict[Question, bytes]] = OrderedDict()

    def keep(self, stop_id: str, asked: Question, content: bytes) -> None:
        with self._lock:
            answers = self._stops.setdefault(stop_id, {})
            if sum(map(len, answers.values())) + len(content) <= MOST_BYTES:
                answers[asked] = content
            if len(self._stops) > MOST_STOPS:
                self._stops.popitem(last=False)

    def find(self, stop_id: str, asked: Question | None) -> dict[str, Any] | None:
        """Return the body of an answer, {} where it was none that can be read."""
        with self._lock:
            content = self._stops.get(stop_id, {}).get(asked) if asked else None
        return None if content is None else body_of(content)


def body_of(content: bytes) -> dict[str, Any]:
    """Return the body of a debug_reply's content, {} where it tells of a failure."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(answer, dict) or not answer.get("success", True):
        return {}
    body = answer.get("body")
    return body if isinstance(body, dict) else {}
