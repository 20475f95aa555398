"""A gateway's connection outlives its page until what the page asked for has ended.

Nobody else hears a gateway's kernel, so a tab that is closed would cut off what it
started. ZeroMQ's connections need none of this: their kernels are heard anyway.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from .encoding import to_text
from .warner import Warner

MOST_AWAITED = 10_000
ENDED = ("restarting", "starting", "dead")
"""States of a kernel in which nothing of what was asked for is going to end."""

_log = logging.getLogger(__name__)


def is_gateways(kind: type) -> bool:
    """Tell whether a manager or a connection is for kernels that a gateway runs elsewhere."""
    return any(base.__module__.startswith("jupyter_server.gateway") for base in kind.__mro__)


def lingering_connection(base: type) -> type:
    """Return a subclass of a gateway's connection class that puts off its end."""
    warner = Warner(_log)

    class LingeringConnection(base):  # type: ignore[misc]  # the base is configured at run time
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._awaited = Awaited()

        def handle_incoming_message(self, message: Any) -> Any:
            warner.quietly(lambda: self._awaited.sent(message))
            return super().handle_incoming_message(message)

        def handle_outgoing_message(self, message: Any, *args: Any) -> Any:
            result = super().handle_outgoing_message(message, *args)
            warner.quietly(lambda: self._awaited.told(message))
            return result

        def disconnect(self) -> Any:
            return self._awaited.end(super().disconnect)

    LingeringConnection.__name__ = base.__name__
    LingeringConnection.__qualname__ = base.__qualname__
    LingeringConnection.__module__ = base.__module__
    return LingeringConnection


class Awaited:
    """What one connection was asked to run and has not told the end of."""

    def __init__(self) -> None:
        self._msg_ids: dict[str, None] = {}
        self._end: Callable[[], Any] | None = None

    def sent(self, message: str | bytes) -> None:
        """Take a message of the page."""
        header = _document(message, "execute_request").get("header") or {}
        if header.get("msg_type") == "execute_request" and len(self._msg_ids) < MOST_AWAITED:
            self._msg_ids[str(header.get("msg_id"))] = None

    def told(self, message: str | bytes) -> None:
        """Take a message of the kernel."""
        if not self._msg_ids:
            return
        document = _document(message, "execution_state")
        state = (document.get("content") or {}).get("execution_state")
        if state == "idle":
            self._msg_ids.pop(str((document.get("parent_header") or {}).get("msg_id")), None)
        elif state in ENDED:
            self._msg_ids.clear()
        if not self._msg_ids and self._end is not None:
            end, self._end = self._end, None
            end()

    def end(self, end: Callable[[], Any]) -> Any:
        """End now, or once nothing is awaited any more."""
        if not self._msg_ids:
            return end()
        self._end = end
        return None


def _document(message: str | bytes, word: str) -> dict[str, Any]:
    text = to_text(message) if isinstance(message, bytes) else message
    document = json.loads(text) if word in text else {}
    return document if isinstance(document, dict) else {}
