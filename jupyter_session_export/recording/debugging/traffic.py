"""What a websocket tells of the debugger that a person uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class DebugRequest:
    """A debug_request as the server received it, before the kernel got it."""

    kernel_id: str
    msg_id: str
    received_at: datetime
    command: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DebugReply:
    """A debug_reply; `content` is JSON as it came, and empty where it is too large to be read."""

    kernel_id: str
    msg_id: str
    content: bytes
