"""What a websocket tells of an execution beyond what its kernel publishes on iopub."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

REPLY_FIELDS = ("status", "execution_count", "ename", "evalue", "traceback")
MOST_PAGE_CHARACTERS = 1024 * 1024
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
    """An execute_reply: status, execution_count; ename, evalue, traceback where it failed.

    `page` is help that was asked for (`print?`): a front end shows it like an output.
    """

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


def told_by(content: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of an execute_reply's content."""
    told = {name: content[name] for name in REPLY_FIELDS if name in content}
    payload = content.get("payload")
    pages = [one for one in payload if _is_page(one)] if isinstance(payload, list) else []
    if pages and content.get("status") == "ok":
        # JupyterLab shows the first one only.
        told["page"] = pages[0]["data"]
    return told


def _is_page(payload: Any) -> bool:
    if not isinstance(payload, dict) or payload.get("source") != "page":
        return False
    data = payload.get("data")
    return isinstance(data, dict) and sum(map(_length, data.values())) <= MOST_PAGE_CHARACTERS


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(str(value))
