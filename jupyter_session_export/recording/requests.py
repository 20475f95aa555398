"""What a websocket tells of an execution beyond what its kernel publishes on iopub."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

HOW_IT_WENT = ("status", "execution_count")
INTERRUPT = "KeyboardInterrupt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An execute_request as the server received it; `user` and `client` are the websocket's.

    Where there is no server, `received_at` is when the kernel took it up, and `is_receipt` False.
    A `hidden` one came while nothing was recorded: it is recorded only if it runs later.
    """

    kernel_id: str
    msg_id: str
    code: str
    received_at: datetime
    cell_id: str | None = None
    store_history: bool = True
    silent: bool = False
    user: str | None = None
    client: str | None = None
    is_receipt: bool = True
    hidden: bool = False

    def without_code(self) -> Request:
        """Return what is known of one that came while nothing was recorded."""
        return replace(self, code="", hidden=True)

    @property
    def submitted_at(self) -> datetime | None:
        """When a server received it."""
        return self.received_at if self.is_receipt else None


@dataclass(frozen=True, slots=True)
class Reply:
    """An execute_reply: status, execution_count; ename, evalue, traceback where it failed."""

    kernel_id: str
    msg_id: str
    received_at: datetime
    content: dict[str, Any] = field(default_factory=dict)

    def without_content(self) -> Reply:
        """Return how it went, without what it says."""
        told = {name: self.content[name] for name in HOW_IT_WENT if name in self.content}
        if self.content.get("ename") == INTERRUPT:
            told["ename"] = INTERRUPT
        return replace(self, content=told)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a kernel asks a person while the execution `msg_id` runs; `id` is the question's."""

    kernel_id: str
    msg_id: str
    id: str
    prompt: str
    password: bool
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the question `id`; without its value where it is a password, or might be."""

    kernel_id: str
    msg_id: str
    id: str
    value: str | None
    received_at: datetime
