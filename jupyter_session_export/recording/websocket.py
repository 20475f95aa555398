"""A tap on kernel websockets: who asked for what, when, and how the kernel answered.

jupyter_server lets one connection class serve all kernels, so whatever class is
configured gets the tap as a mixin. It must never fail the connection.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, Protocol

from ..records.gateway import EXPORT_REQUEST
from ..records.times import now
from .conversation import Conversation
from .conversation import Tap as ConversationTap
from .debugging import DebugReply, DebugRequest
from .encoding import to_text
from .layouts import ClientMessage, read_client_message
from .lingering import is_gateways, lingering_connection
from .requests import Reply, Request, told_by
from .warner import Warner
from .wire import DELIMITER

REQUESTS = ("execute_request", "debug_request")
MOST_READ = 1024 * 1024
"""Bytes of a debugger's answer that are looked at."""

_log = logging.getLogger(__name__)


class Tap(ConversationTap, Protocol):
    """What hears of it: `Recorder.kernels`."""

    def connected(self, kernel_id: str, client: str, user: str | None) -> None: ...
    def disconnected(self, kernel_id: str, client: str, user: str | None) -> None: ...
    def requested(self, request: Request) -> None: ...
    def replied(self, reply: Reply) -> None: ...
    def debug_requested(self, request: DebugRequest) -> None: ...
    def debug_replied(self, reply: DebugReply) -> None: ...
    def debug_stop_shown(self, kernel_id: str, stop_id: str) -> None: ...
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
        _is_reported = False

        def connect(self) -> Any:
            warner.quietly(lambda: tap.connected(self.kernel_id, self.session_id, self._user))
            self._is_reported = True
            return super().connect()

        def disconnect(self) -> Any:
            # It may be called more than once.
            if self._is_reported:
                self._is_reported = False
                warner.quietly(
                    lambda: tap.disconnected(self.kernel_id, self.session_id, self._user)
                )
            return super().disconnect()

        def handle_incoming_message(self, message: Any) -> Any:
            warner.quietly(lambda: _report_request(tap, self, message, self._user))
            warner.quietly(lambda: Conversation.of(self, tap).hear_client(message, _protocol(self)))
            return super().handle_incoming_message(message)

        def handle_outgoing_message(self, *args: Any, **kwargs: Any) -> Any:
            warner.quietly(lambda: _report_answer(tap, self, args))
            warner.quietly(lambda: Conversation.of(self, tap).hear_kernel(args))
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
    told = read_client_message(message, _protocol(connection), REQUESTS)
    if told is None:
        return
    if told.header.get("msg_type") == "execute_request":
        _report_execution(tap, connection, user, told)
    elif told.header.get("msg_type") == "debug_request":
        arguments = told.content.get("arguments")
        tap.debug_requested(
            DebugRequest(
                connection.kernel_id,
                str(told.header["msg_id"]),
                now(),
                str(told.content.get("command", "")),
                arguments if isinstance(arguments, dict) else {},
            )
        )


def _report_execution(
    tap: Tap,
    connection: Any,
    user: str | None,
    told: ClientMessage,
) -> None:
    header, metadata, content = told.header, told.metadata, told.content
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


def _report_answer(tap: Tap, connection: Any, args: tuple[Any, ...]) -> None:
    if len(args) == 2:
        _report_frames(tap, connection, *args)
    elif args:
        _report_document(tap, connection, args[0])


def _report_frames(tap: Tap, connection: Any, stream: Any, frames: list[Any]) -> None:
    channel = stream if isinstance(stream, str) else getattr(stream, "channel", None)
    if channel == "control":
        _report_debug_reply(tap, connection, frames)
    elif channel == "iopub":
        _report_debug_event(tap, connection, frames)
    if channel != "shell":
        return
    at = frames.index(DELIMITER)
    header, parent, _, content = (to_text(bytes(part)) for part in frames[at + 2 : at + 6])
    if "execute_reply" in header and json.loads(header).get("msg_type") == "execute_reply":
        _report_reply(tap, connection, json.loads(parent), json.loads(content))


def _report_debug_reply(tap: Tap, connection: Any, frames: list[Any]) -> None:
    at = frames.index(DELIMITER)
    header, parent, content = (bytes(frames[at + part]) for part in (2, 3, 5))
    if b"debug_reply" not in header:
        return
    msg_id = str(json.loads(parent).get("msg_id", ""))
    readable = content if len(content) <= MOST_READ else b""
    tap.debug_replied(DebugReply(connection.kernel_id, msg_id, readable))


def _report_debug_event(tap: Tap, connection: Any, frames: list[Any]) -> None:
    at = frames.index(DELIMITER)
    header = bytes(frames[at + 2])
    if b"debug_event" in header and b'"stopped"' in bytes(frames[at + 5]):
        tap.debug_stop_shown(connection.kernel_id, str(json.loads(header)["msg_id"]))


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
    msg_id = str(parent.get("msg_id", ""))
    tap.replied(Reply(connection.kernel_id, msg_id, now(), told_by(content)))


def _protocol(connection: Any) -> str | None:
    """Return what the client and the server agreed on; None for the layouts before v1."""
    found: str | None = getattr(connection, "subprotocol", None)
    return found
