"""Executions that were asked for: who hears what comes of them, and when they are done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .link import Hear, Heard, Reply

IDLE_SECONDS = 10.0
"""How long an idle is waited for when the reply has come: iopub may have lost it."""


@dataclass(eq=False, slots=True)
class Asked:
    """An execution that goes on: done when its reply and its idle have come."""

    hear: Hear
    done: asyncio.Future[Reply]
    reply: Reply | None = None
    idle: bool = False
    _late: asyncio.TimerHandle | None = field(default=None)

    def settle(self) -> None:
        """End it if all has come."""
        if self.done.done() or self.reply is None:
            return
        if self.idle:
            self.done.set_result(self.reply)
        elif self._late is None:
            self._late = self.done.get_loop().call_later(IDLE_SECONDS, self._give_up)

    def forget(self) -> None:
        """Wait no longer."""
        if self._late is not None:
            self._late.cancel()

    def _give_up(self) -> None:
        self.idle = True
        self.settle()


class Pending:
    """The executions of one client of one kernel, by their msg_id. On one event loop."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    def add(self, msg_id: str, hear: Hear) -> Asked:
        asked = Asked(hear, asyncio.get_running_loop().create_future())
        self._asked[msg_id] = asked
        return asked

    def forget(self, msg_id: str) -> None:
        """Listen no more to what comes of an execution."""
        asked = self._asked.pop(msg_id, None)
        if asked is not None:
            asked.forget()

    def break_off(self, error: Exception) -> None:
        """Have everything that is waited for fail."""
        for asked in self._asked.values():
            if not asked.done.done():
                asked.done.set_exception(error)

    def close(self) -> None:
        for msg_id in list(self._asked):
            self.forget(msg_id)

    def replied(self, msg_id: str, content: Mapping[str, Any]) -> None:
        """Take an execute_reply."""
        asked = self._asked.get(msg_id)
        if asked is not None:
            asked.reply = Reply(str(content.get("status", "error")), content)
            asked.settle()

    def published(self, msg_id: str, heard: Heard) -> None:
        """Take what the kernel publishes."""
        asked = self._asked.get(msg_id)
        if asked is None:
            return
        asked.hear(heard)
        if heard.type == "status" and heard.content.get("execution_state") == "idle":
            asked.idle = True
            asked.settle()


def request_content(
    code: str, *, silent: bool, store_history: bool, expressions: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return the content of an execute_request."""
    return {
        "code": code,
        "silent": silent,
        "store_history": store_history and not silent,
        "user_expressions": dict(expressions or {}),
        "allow_stdin": False,
        # What was asked for behind a failure is asked for all the same.
        "stop_on_error": False,
    }
