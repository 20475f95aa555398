"""References: journals hold small values themselves, and larger ones by the hash of their blob."""

from __future__ import annotations

from typing import Any

from ..records.content import Sealed
from . import payload
from .sink import Blobs

INLINE_BYTES = 1024
"""Values of rich data above this size are kept as blobs."""


def intern_content(kind: str, content: dict[str, Any], blobs: Blobs) -> dict[str, Any]:
    """Return the content with the large values of its `data` put into the blobs."""
    data = content.get("data")
    if kind not in ("display_data", "execute_result", "update_display_data"):
        return content
    if not isinstance(data, dict):
        return content
    return {**content, "data": {mime: _intern(mime, value, blobs) for mime, value in data.items()}}


def intern_buffers(buffers: list[bytes], blobs: Blobs) -> list[dict[str, Any]]:
    return [_reference(payload.BASE64, blobs.put(bytes(buffer))) for buffer in buffers]


def resolve(value: Any, blobs: Blobs) -> Any:
    """Return a value as the kernel sent it."""
    if not is_reference(value):
        return value
    return payload.decode(value["encoding"], blobs.read(sealed_of(value)))


def is_reference(value: Any) -> bool:
    """Tell a reference from a JSON value of a message that happens to have a `ref`."""
    return isinstance(value, dict) and value.keys() == {
        "ref",
        "encoding",
        "size",
        "stored_size",
        "crc32",
        "method",
    }


def sealed_of(reference: dict[str, Any]) -> Sealed:
    return Sealed(
        reference["ref"],
        reference["size"],
        reference["stored_size"],
        reference["crc32"],
        reference["method"],
    )


def seal_value(mime: str, value: Any, blobs: Blobs) -> tuple[str, Sealed]:
    """Return the encoding and the sealed file of a value or reference."""
    if is_reference(value):
        return value["encoding"], sealed_of(value)
    encoding, data = payload.encode(mime, value)
    return encoding, blobs.put(data)


def _intern(mime: str, value: Any, blobs: Blobs) -> Any:
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    if isinstance(value, str) and len(value) <= INLINE_BYTES:
        return value
    encoding, data = payload.encode(mime, value)
    if not payload.is_exact(encoding, data, value):
        return value
    # A kernel's own value that looks like a reference must never be taken for one.
    if len(data) <= INLINE_BYTES and not is_reference(value):
        return value
    return _reference(encoding, blobs.put(data))


def _reference(encoding: str, sealed: Sealed) -> dict[str, Any]:
    return {
        "ref": sealed.sha256,
        "encoding": encoding,
        "size": sealed.size,
        "stored_size": sealed.stored_size,
        "crc32": sealed.crc32,
        "method": sealed.method,
    }
