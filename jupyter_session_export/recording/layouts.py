"""A client's message as a websocket carries it, in whichever layout.

https://jupyter-server.readthedocs.io/en/latest/developers/websocket-protocols.html
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection
from typing import Any, Literal, NamedTuple

from .encoding import to_text

V1_PROTOCOL = "v1.kernel.websocket.jupyter.org"


class ClientMessage(NamedTuple):
    """The parts of a message."""

    header: dict[str, Any]
    parent: dict[str, Any]
    metadata: dict[str, Any]
    content: dict[str, Any]
    buffers: list[bytes]

    @property
    def type(self) -> str:
        return str(self.header["msg_type"])


def read_client_message(
    message: str | bytes, protocol: str | None, types: Collection[str]
) -> ClientMessage | None:
    """Read a message of one of these types; None for any other, of which little is looked at.

    Raises ValueError, KeyError or another error on what is no message.
    """
    if isinstance(message, bytes) and protocol == V1_PROTOCOL:
        return _read_v1(message, types)
    if isinstance(message, bytes):
        parts = _parts(message, 4, "big")
        return _read_document(to_text(parts[0]), types, parts[1:])
    return _read_document(message, types, [])


def _read_v1(message: bytes, types: Collection[str]) -> ClientMessage | None:
    _, header, *rest = _parts(message, 8, "little")
    if not _mentions(to_text(header), types):
        return None
    found = json.loads(to_text(header))
    if found.get("msg_type") not in types:
        return None
    parent, metadata, content = (json.loads(to_text(part)) for part in rest[:3])
    return ClientMessage(found, parent or {}, metadata or {}, content, rest[3:])


def _read_document(text: str, types: Collection[str], buffers: list[bytes]) -> ClientMessage | None:
    if not _mentions(text, types):
        return None
    document = json.loads(text)
    header = document["header"]
    if header.get("msg_type") not in types:
        return None
    parent, metadata = document.get("parent_header") or {}, document.get("metadata") or {}
    return ClientMessage(header, parent, metadata, document["content"], buffers)


def _parts(message: bytes, width: int, order: Literal["little", "big"]) -> list[bytes]:
    """Cut a message: a count, that many offsets, each of `width` bytes; then the parts.

    The v1 layout (little endian) ends with the offset of the end, the other doesn't tell it.
    """
    count = int.from_bytes(message[:width], order)
    if not 0 < count <= len(message) // width:
        raise ValueError("not the layout of a message")
    starts = range(width, width * (count + 1), width)
    offsets = [int.from_bytes(message[at : at + width], order) for at in starts]
    if order == "big":
        offsets.append(len(message))
    return [message[start:end] for start, end in itertools.pairwise(offsets)]


def _mentions(text: str, types: Collection[str]) -> bool:
    return any(kind in text for kind in types)
