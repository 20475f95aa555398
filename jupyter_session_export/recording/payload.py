"""Values of rich data as bytes of their own format, and back exactly."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from .encoding import to_bytes, to_text

TEXT = "text"
JSON = "json"
BASE64 = "base64"
BASE64_LINE = "base64-line"
"""Base64 with a newline at its end, as `binascii.b2a_base64` writes it."""
BASE64_LINES = "base64-lines"
"""Base64 in lines of 76 characters, as `base64.encodebytes` writes it."""

BINARY_FAMILIES = ("image/", "audio/", "video/", "font/")
BINARY_TYPES = frozenset(
    {"application/pdf", "application/octet-stream", "application/zip", "application/gzip"}
)


def is_json(mime: str) -> bool:
    return mime == "application/json" or mime.endswith("+json")


def is_binary(mime: str) -> bool:
    """Tell whether Jupyter's messages carry this type as base64."""
    return mime in BINARY_TYPES or (
        mime.startswith(BINARY_FAMILIES) and not mime.endswith(("+xml", "+json"))
    )


def encode(mime: str, value: Any) -> tuple[str, bytes]:
    """Return how a value is encoded, and the bytes of its file."""
    if is_json(mime) or not isinstance(value, str):
        return JSON, to_bytes(json.dumps(value, ensure_ascii=False))
    if is_binary(mime):
        decoded = _decode_base64(value)
        if decoded is not None:
            return decoded
    return TEXT, to_bytes(value)


def decode(encoding: str, data: bytes) -> Any:
    """Return the value that `encode` was given."""
    if encoding == JSON:
        return json.loads(to_text(data))
    if encoding == BASE64:
        return base64.b64encode(data).decode()
    if encoding == BASE64_LINE:
        return binascii.b2a_base64(data).decode()
    if encoding == BASE64_LINES:
        return base64.encodebytes(data).decode()
    return to_text(data)


def is_exact(encoding: str, data: bytes, value: Any) -> bool:
    """Tell whether decoding gives the very value; only odd surrogates make a difference."""
    if encoding in (TEXT, JSON):
        try:
            data.decode()
        except UnicodeDecodeError:
            return bool(decode(encoding, data) == value)
    return True


def _decode_base64(text: str) -> tuple[str, bytes] | None:
    """Decode base64 that was written in one of the three usual ways; None for any other text."""
    try:
        data = base64.b64decode(text.replace("\n", ""), validate=True)
    except (ValueError, binascii.Error):
        return None
    for encoding in (BASE64, BASE64_LINE, BASE64_LINES):
        if decode(encoding, data) == text:
            return encoding, data
    return None
