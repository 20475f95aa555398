"""What a websocket tells of an execution beyond what its kernel publishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An execute_request as the server received it; `user` and `client` are the websocket's."""

    kernel_id: str
    msg_id: str
    code: str
    received_at: datetime
    cell_id: str | None = None
    store_history: bool = True
    silent: bool = False
    user: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An execute_reply: status, execution_count; ename, evalue, traceback where it failed."""

    kernel_id: str
    msg_id: str
    received_at: datetime
    content: dict[str, Any] = field(default_factory=dict)
