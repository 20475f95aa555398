"""Frames of a kernel's message, checked and read; and requests in the same form.

Layout: https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
Signing by hand and caching the parent header costs a third of `Session.deserialize`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import Any

from ..records.times import now, to_iso
from .encoding import to_text

DELIMITER = b"<IDS|MSG>"
COMM_TYPES = frozenset({"comm_open", "comm_msg", "comm_close"})
PROTOCOL_VERSION = "5.3"

_NOTHING = (b"{}", b"null", b"[]")
"""How kernels write that there is none: xeus where nothing was asked for; R has no empty object."""

_raw_decode = json.JSONDecoder().raw_decode


class MalformedMessage(ValueError):
    """Frames that are no kernel message."""


class ForgedMessage(ValueError):
    """A message whose signature is not its kernel's."""


Parent = tuple[str, str, str]
"""Of the request that a message belongs to: msg_id, msg_type, session."""


class Message:
    """What the recorder reads of a message; `date` is the kernel's own, as text."""

    __slots__ = (
        "buffers",
        "content",
        "date",
        "metadata",
        "msg_id",
        "parent_id",
        "parent_session",
        "parent_type",
        "session",
        "type",
    )

    def __init__(self, header: dict[str, Any], parent: Parent) -> None:
        self.type: str = _text(header.get("msg_type"))
        self.msg_id: str = _text(header.get("msg_id"))
        self.date: str = _text(header.get("date"))
        self.session: str = _text(header.get("session"))
        self.parent_id, self.parent_type, self.parent_session = parent
        self.content: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.buffers: list[bytes] = []

    @property
    def of_execution(self) -> bool:
        return self.parent_type == "execute_request"

    @property
    def of_debugger(self) -> bool:
        return self.type in ("debug_event", "debug_reply")

    @property
    def of_comm(self) -> bool:
        return self.type in COMM_TYPES


class Wire:
    """One kernel's way of signing; used by one thread at a time."""

    def __init__(self, key: bytes, scheme: str = "hmac-sha256") -> None:
        digest = getattr(hashlib, scheme.rpartition("-")[2])
        self._mac = hmac.new(key, digestmod=digest) if key else None
        self._parent_frame: bytes = b"{}"
        self._parent: Parent = ("", "", "")

    def read(self, frames: list[bytes]) -> Message:
        """Check and read a message; content only of executions, debuggers and comms.

        Raises MalformedMessage or ForgedMessage.
        """
        at, header, parent, metadata, content = self._open(frames)
        message = Message(_object(header), self._read_parent(parent))
        if message.of_execution or message.of_debugger or message.of_comm:
            message.content = _object(content)
            if metadata not in _NOTHING:
                message.metadata = _object(metadata)
            message.buffers = frames[at + 6 :]
        return message

    def read_content(self, frames: list[bytes]) -> dict[str, Any]:
        """Check a message and return its content. Raises MalformedMessage or ForgedMessage."""
        return _object(self._open(frames)[4])

    def request(
        self,
        msg_type: str,
        msg_id: str,
        content: dict[str, Any] | None = None,
        session: str | None = None,
    ) -> list[bytes]:
        """Return the frames of a request; without a `session` it is of a client of its own."""
        header = {
            "msg_id": msg_id,
            "msg_type": msg_type,
            "username": "session_export",
            "session": session or uuid.uuid4().hex,
            "date": to_iso(now()),
            "version": PROTOCOL_VERSION,
        }
        body = json.dumps(content or {}).encode()
        parts = [json.dumps(header).encode(), b"{}", b"{}", body]
        return [DELIMITER, self._sign(parts), *parts]

    def _sign(self, parts: list[bytes]) -> bytes:
        if self._mac is None:
            return b""
        mac = self._mac.copy()
        mac.update(b"".join(parts[:3]))
        mac.update(parts[3])
        return mac.hexdigest().encode()

    def _open(self, frames: list[bytes]) -> tuple[int, bytes, bytes, bytes, bytes]:
        try:
            at = frames.index(DELIMITER)
            signature, *parts = frames[at + 1 : at + 6]
            header, parent, metadata, content = parts
        except ValueError:
            raise MalformedMessage("not the frames of a message") from None
        if self._mac is not None and not hmac.compare_digest(self._sign(parts), signature):
            raise ForgedMessage("the signature is not the kernel's")
        return at, header, parent, metadata, content

    def _read_parent(self, frame: bytes) -> Parent:
        # Messages of one execution share their parent to the byte.
        if frame != self._parent_frame:
            self._parent = _parent({} if frame in _NOTHING else _object(frame))
            self._parent_frame = frame
        return self._parent


def from_document(document: dict[str, Any]) -> Message:
    """Read a message that a websocket carries as one JSON object. Raises MalformedMessage."""
    header, parent = document.get("header"), document.get("parent_header")
    content, metadata = document.get("content"), document.get("metadata")
    if not isinstance(header, dict) or not isinstance(content, dict):
        raise MalformedMessage("a message without header or content")
    message = Message(header, _parent(parent if isinstance(parent, dict) else {}))
    message.content = content
    message.metadata = metadata if isinstance(metadata, dict) else {}
    return message


def _parent(header: dict[str, Any]) -> Parent:
    return _text(header.get("msg_id")), _text(header.get("msg_type")), _text(header.get("session"))


def _object(frame: bytes) -> dict[str, Any]:
    text = to_text(frame)
    try:
        # What is behind `json.loads`, without what that does around it.
        value, end = _raw_decode(text)
        if end != len(text):
            value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage("a part of a message is no JSON") from error
    if not isinstance(value, dict):
        raise MalformedMessage("a part of a message is no JSON object")
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def read_document(data: bytes) -> Message:
    """Read a message that is one JSON text, as gateways pass them on. Raises MalformedMessage."""
    return from_document(_object(data))
