"""A tap on kernel websockets: who asked for what, when, and how the kernel answered.

jupyter_server lets one connection class serve all kernels, so whatever class is
configured gets the tap as a mixin. It must never fail the connection.
"""

from __future__ import annotations

import itertools
import json
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from ..records.times import now
from .debugging import DebugReply, DebugRequest
from .encoding import to_text
from .requests import Reply, Request
from .wire import DELIMITER

V1_PROTOCOL = "v1.kernel.websocket.jupyter.org"
WARN_EVERY = 60.0
"""Seconds between two warnings; a client may send any number of unreadable messages."""
REQUESTS = ("execute_request", "debug_request")
MOST_READ = 1024 * 1024
"""Bytes of a debugger's answer that are looked at."""
REPLY_FIELDS = ("status", "execution_count", "ename", "evalue", "traceback")

_log = logging.getLogger(__name__)


class Tap(Protocol):
    """What hears of it: `Recorder.kernels`."""

    def connected(self, kernel_id: str, client: str, user: str | None) -> None: ...
    def requested(self, request: Request) -> None: ...
    def replied(self, reply: Reply) -> None: ...
    def debug_requested(self, request: DebugRequest) -> None: ...
    def debug_replied(self, reply: DebugReply) -> None: ...
    def debug_stop_shown(self, kernel_id: str, stop_id: str) -> None: ...
    def overheard(self, kernel_id: str, document: bytes) -> None: ...


def recording_connection(base: type, tap: Tap) -> type:
    """Return a subclass of a kernel websocket connection class that reports to the tap."""

    warner = _Warner()

    class RecordingConnection(base):  # type: ignore[misc]  # the base is configured at run time
        def connect(self) -> Any:
            warner.quietly(lambda: tap.connected(self.kernel_id, self.session_id, _user(self)))
            return super().connect()

        def handle_incoming_message(self, message: Any) -> Any:
            warner.quietly(lambda: _report_request(tap, self, message))
            return super().handle_incoming_message(message)

        def handle_outgoing_message(self, *args: Any, **kwargs: Any) -> Any:
            warner.quietly(lambda: _report_answer(tap, self, args))
            return super().handle_outgoing_message(*args, **kwargs)

    RecordingConnection.__name__ = f"Recording{base.__name__}"
    RecordingConnection.__qualname__ = RecordingConnection.__name__
    return RecordingConnection


class _Warner:
    """Keeps a failing report from its caller, and warns of it now and then."""

    def __init__(self) -> None:
        self._silent_until = float("-inf")
        self._failures = 0

    def quietly(self, report: Callable[[], None]) -> None:
        try:
            report()
        except Exception:  # noqa: BLE001  # the client's connection matters more than its record
            self._failures += 1
            if time.monotonic() >= self._silent_until:
                self._silent_until = time.monotonic() + WARN_EVERY
                _log.warning(
                    "Messages of a kernel's websocket could not be recorded (%d so far)",
                    self._failures,
                    exc_info=True,
                )


def _report_request(tap: Tap, connection: Any, message: str | bytes) -> None:
    found = (
        any(kind.encode() in message for kind in REQUESTS)
        if isinstance(message, bytes)
        else any(kind in message for kind in REQUESTS)
    )
    if not found:
        return
    header, metadata, content = _parse_request(connection, message)
    if header.get("msg_type") == "execute_request":
        _report_execution(tap, connection, header, metadata, content)
    elif header.get("msg_type") == "debug_request":
        arguments = content.get("arguments")
        tap.debug_requested(
            DebugRequest(
                connection.kernel_id,
                str(header["msg_id"]),
                now(),
                str(content.get("command", "")),
                arguments if isinstance(arguments, dict) else {},
            )
        )


def _report_execution(
    tap: Tap,
    connection: Any,
    header: dict[str, Any],
    metadata: dict[str, Any],
    content: dict[str, Any],
) -> None:
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
            user=_user(connection),
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
    if not any(kind in header for kind in REQUESTS):
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


def _report_reply(
    tap: Tap, connection: Any, parent: dict[str, Any], content: dict[str, Any]
) -> None:
    told = {name: content[name] for name in REPLY_FIELDS if name in content}
    tap.replied(Reply(connection.kernel_id, str(parent.get("msg_id", "")), now(), told))


def _user(connection: Any) -> str | None:
    """Return the signed-in user's stable name, as jupyter_server's identity provider knows it."""
    user = connection.websocket_handler.current_user
    name = getattr(user, "username", user)
    return name if isinstance(name, str) else None
