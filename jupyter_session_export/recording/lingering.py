"""A gateway's connection outlives its page until what the page asked for has ended.

Nobody else hears a gateway's kernel, so a tab that is closed would cut off what it
started. ZeroMQ's connections need none of this: their kernels are heard anyway.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .encoding import to_text
from .warner import Warner

MOST_AWAITED = 10_000
MOST_COMPARED = 1000
"""Statuses of a kernel by which two of its connections are compared."""
ENDED = ("restarting", "starting", "dead")
"""States of a kernel in which nothing of what was asked for is going to end."""

_log = logging.getLogger(__name__)


def is_gateways(kind: type) -> bool:
    """Tell whether a manager or a connection is for kernels that a gateway runs elsewhere."""
    return any(base.__module__.startswith("jupyter_server.gateway") for base in kind.__mro__)


def lingering_connection(base: type) -> type:
    """Return a subclass of a gateway's connection class that puts off its end."""
    warner = Warner(_log)
    succession = Succession()

    class LingeringConnection(base):  # type: ignore[misc]  # the base is configured at run time
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._awaited = Awaited()

        def handle_incoming_message(self, message: Any) -> Any:
            warner.quietly(lambda: self._awaited.sent(message))
            return super().handle_incoming_message(message)

        def handle_outgoing_message(self, message: Any, *args: Any) -> Any:
            result = super().handle_outgoing_message(message, *args)
            warner.quietly(lambda: succession.told(self.kernel_id, self._awaited, message))
            return result

        def disconnect(self) -> Any:
            return succession.leave(self.kernel_id, self._awaited, super().disconnect)

    LingeringConnection.__name__ = base.__name__
    LingeringConnection.__qualname__ = base.__qualname__
    LingeringConnection.__module__ = base.__module__
    return LingeringConnection


class Awaited:
    """What one connection was asked to run and has not told the end of.

    `hears` says whether the kernel has told it anything.
    """

    def __init__(self) -> None:
        self.hears = False
        self._msg_ids: dict[str, None] = {}
        self._end: Callable[[], Any] | None = None

    def __bool__(self) -> bool:
        return bool(self._msg_ids)

    @property
    def lingers(self) -> bool:
        """Whether its page is gone."""
        return self._end is not None

    def sent(self, message: str | bytes) -> None:
        """Take a message of the page."""
        header = _document(message, "execute_request").get("header") or {}
        if header.get("msg_type") == "execute_request" and len(self._msg_ids) < MOST_AWAITED:
            self._msg_ids[str(header.get("msg_id"))] = None

    def told(self, status: dict[str, Any]) -> None:
        """Take a status of the kernel."""
        state = (status.get("content") or {}).get("execution_state")
        if state == "idle":
            self._msg_ids.pop(str((status.get("parent_header") or {}).get("msg_id")), None)
        elif state in ENDED:
            self._msg_ids.clear()
        self._end_if_over()

    def end(self, end: Callable[[], Any]) -> Any:
        """End now, or once nothing is awaited any more."""
        if not self._msg_ids:
            return end()
        self._end = end
        return None

    def pass_on(self, heir: Awaited) -> None:
        """End now: another connection hears the rest, and awaits it."""
        heir._msg_ids.update(self._msg_ids)
        self._msg_ids.clear()
        self._end_if_over()

    def _end_if_over(self) -> None:
        if not self._msg_ids and self._end is not None:
            end, self._end = self._end, None
            end()


class Succession:
    """At most one connection of each kernel lingers, and only until another hears the same."""

    def __init__(self) -> None:
        self._lingering: dict[str, Lingering] = {}

    def told(self, kernel_id: str, awaited: Awaited, message: str | bytes) -> None:
        """Take a message that a kernel told a connection."""
        awaited.hears = True
        lingering = self._lingering.get(kernel_id)
        if not awaited and lingering is None:
            return
        status = _document(message, "execution_state")
        awaited.told(status)
        if lingering is not None:
            heir = lingering.heir(awaited, status)
            if heir is not None:
                lingering.awaited.pass_on(heir)
            if not lingering.awaited.lingers:
                self._keep(kernel_id, heir)

    def leave(self, kernel_id: str, awaited: Awaited, end: Callable[[], Any]) -> Any:
        """End a connection whose page is gone, now or later."""
        result = awaited.end(end)
        lingering = self._lingering.get(kernel_id)
        if lingering is None:
            self._keep(kernel_id, awaited)
        elif not awaited.lingers:
            lingering.forget(awaited)
        elif awaited.hears and awaited is not lingering.awaited:
            self._keep(kernel_id, awaited)
            lingering.awaited.pass_on(awaited)
        return result

    def _keep(self, kernel_id: str, awaited: Awaited | None) -> None:
        self._lingering.pop(kernel_id, None)
        if awaited is not None and awaited.lingers:
            self._lingering[kernel_id] = Lingering(awaited)


class Lingering:
    """A connection that lingers, and what it and others of its kernel were told since."""

    def __init__(self, awaited: Awaited) -> None:
        self.awaited = awaited
        self._told: OrderedDict[str, Awaited] = OrderedDict()

    def heir(self, awaited: Awaited, status: dict[str, Any]) -> Awaited | None:
        """Return another connection once it and this one were told the same status.

        What that one had missed before it was open, this one was told by then.
        """
        msg_id = (status.get("header") or {}).get("msg_id")
        if not isinstance(msg_id, str):
            return None
        other = self._told.setdefault(msg_id, awaited)
        if len(self._told) > MOST_COMPARED:
            self._told.popitem(last=False)
        if other is awaited or self.awaited not in (awaited, other):
            return None
        return other if awaited is self.awaited else awaited

    def forget(self, awaited: Awaited) -> None:
        """Know that another connection is gone, and hears nothing more."""
        for msg_id in [one for one, who in self._told.items() if who is awaited]:
            del self._told[msg_id]


def _document(message: str | bytes, word: str) -> dict[str, Any]:
    text = to_text(message) if isinstance(message, bytes) else message
    document = json.loads(text) if word in text else {}
    return document if isinstance(document, dict) else {}
