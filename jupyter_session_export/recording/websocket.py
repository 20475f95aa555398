"""A tap on kernel websockets: who asked for what, when, and how the kernel answered.

jupyter_server lets one connection class serve all kernels, so whatever class is
configured gets the tap as a mixin. It must never fail the connection.
"""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable
from typing import Any, Protocol

from ..records.gateway import EXPORT_REQUEST
from ..records.times import now
from .encoding import to_text
from .lingering import is_gateways, lingering_connection
from .requests import Reply, Request
from .warner import Warner
from .wire import DELIMITER

V1_PROTOCOL = "v1.kernel.websocket.jupyter.org"
REPLY_FIELDS = ("status", "execution_count", "ename", "evalue", "traceback")

_log = logging.getLogger(__name__)


class Tap(Protocol):
    """What hears of it: `Recorder.kernels`."""

    def connected(self, kernel_id: str, client: str, user: str | None) -> None: ...
    def requested(self, request: Request) -> None: ...
    def replied(self, reply: Reply) -> None: ...
    def overheard(self, kernel_id: str, document: bytes) -> None: ...


NameOf = Callable[[Any], "str | None"]
"""Says what a signed-in user is called in the record; None for one without a name that lasts."""


Ask = Callable[[Any, dict[str, Any]], None]
"""Hears a connection's message by which a gateway's kernel asks for an export."""


def recording_connection(base: type, tap: Tap, name_of: NameOf, ask: Ask | None = None) -> type:
    """Return a subclass of a kernel websocket connection class that reports to the tap."""

    warner = Warner(_log)
    if is_gateways(base):
        base = lingering_connection(base)

    class RecordingConnection(base):  # type: ignore[misc]  # the base is configured at run time
        def connect(self) -> Any:
            warner.quietly(lambda: tap.connected(self.kernel_id, self.session_id, self._user))
            return super().connect()

        def handle_incoming_message(self, message: Any) -> Any:
            warner.quietly(lambda: _report_request(tap, self, message, self._user))
            return super().handle_incoming_message(message)

        def handle_outgoing_message(self, *args: Any, **kwargs: Any) -> Any:
            warner.quietly(lambda: _report_answer(tap, self, args))
            if ask is not None and len(args) == 1:
                warner.quietly(lambda: _pass_on_asking(ask, self, args[0]))
            return super().handle_outgoing_message(*args, **kwargs)

        @property
        def _user(self) -> str | None:
            return name_of(self.websocket_handler.current_user)

    RecordingConnection.__name__ = f"Recording{base.__name__}"
    RecordingConnection.__qualname__ = RecordingConnection.__name__
    return RecordingConnection


def _report_request(tap: Tap, connection: Any, message: str | bytes, user: str | None) -> None:
    found = (
        b"execute_request" in message
        if isinstance(message, bytes)
        else "execute_request" in message
    )
    if not found:
        return
    header, metadata, content = _parse_request(connection, message)
    if header.get("msg_type") != "execute_request":
        return
    cell_id, silent = metadata.get("cellId"), bool(content.get("silent"))
    tap.requested(
        Request(
            kernel_id=connection.kernel_id,
            msg_id=str(header["msg_id"]),
            code=str(content.get("code", "")),
            received_at=now(),
            cell_id=cell_id if isinstance(cell_id, str) else None,
            store_history=bool(content.get("store_history", not silent)) and not silent,
            silent=silent,
            user=user,
            client=connection.session_id,
        )
    )


def _parse_request(
    connection: Any, message: str | bytes
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return header, metadata and content."""
    if isinstance(message, str):
        document = json.loads(message)
    elif getattr(connection, "subprotocol", None) == V1_PROTOCOL:
        return _parse_v1(message)
    else:
        document = _parse_legacy_binary(message)
    return document["header"], document.get("metadata") or {}, document["content"]


def _parse_v1(message: bytes) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Read the v1 layout: a count, that many offsets, all 8 bytes little endian; then the parts."""
    count = int.from_bytes(message[:8], "little")
    offsets = [int.from_bytes(message[8 * i : 8 * i + 8], "little") for i in range(1, count + 1)]
    parts = [message[a:b] for a, b in itertools.pairwise(offsets)]
    _, header, _, metadata, content = (to_text(part) for part in parts[:5])
    if "execute_request" not in header:
        return {}, {}, {}
    return json.loads(header), json.loads(metadata), json.loads(content)


def _parse_legacy_binary(message: bytes) -> Any:
    """Read the legacy layout: a count, that many offsets, all 4 bytes big endian; the parts."""
    count = int.from_bytes(message[:4], "big")
    start = int.from_bytes(message[4:8], "big")
    end = int.from_bytes(message[8:12], "big") if count > 1 else len(message)
    return json.loads(to_text(message[start:end]))


def _report_answer(tap: Tap, connection: Any, args: tuple[Any, ...]) -> None:
    if len(args) == 2:
        _report_frames(tap, connection, *args)
    elif args:
        _report_document(tap, connection, args[0])


def _report_frames(tap: Tap, connection: Any, stream: Any, frames: list[Any]) -> None:
    channel = stream if isinstance(stream, str) else getattr(stream, "channel", None)
    if channel != "shell":
        return
    at = frames.index(DELIMITER)
    header, parent, _, content = (to_text(bytes(part)) for part in frames[at + 2 : at + 6])
    if "execute_reply" in header and json.loads(header).get("msg_type") == "execute_reply":
        _report_reply(tap, connection, json.loads(parent), json.loads(content))


def _report_document(tap: Tap, connection: Any, message: str | bytes) -> None:
    """Report a gateway's message, which is one JSON text; only there iopub has no other source."""
    text = to_text(message) if isinstance(message, bytes) else message
    if "execute_reply" in text:
        document = json.loads(text)
        if document["header"].get("msg_type") == "execute_reply":
            _report_reply(tap, connection, document["parent_header"], document["content"])
            return
    if '"iopub"' in text:
        tap.overheard(connection.kernel_id, text.encode("utf-8", "surrogatepass"))


def _pass_on_asking(ask: Ask, connection: Any, message: str | bytes) -> None:
    text = to_text(message) if isinstance(message, bytes) else message
    if EXPORT_REQUEST in text:
        document = json.loads(text)
        if document["header"].get("msg_type") == EXPORT_REQUEST:
            ask(connection, document)


def _report_reply(
    tap: Tap, connection: Any, parent: dict[str, Any], content: dict[str, Any]
) -> None:
    told = {name: content[name] for name in REPLY_FIELDS if name in content}
    tap.replied(Reply(connection.kernel_id, str(parent.get("msg_id", "")), now(), told))
