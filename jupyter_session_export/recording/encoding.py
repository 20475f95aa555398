"""Text as the bytes that the kernel sent, whatever surrogates it holds."""

from __future__ import annotations

import codecs

KEEP = "session_export.keep"


def _keep(error: UnicodeError) -> tuple[bytes, int]:
    """Turn an escaped byte back into itself, any other surrogate into its three bytes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    kept = bytearray()
    for char in error.object[error.start : error.end]:
        code = ord(char)
        if 0xDC80 <= code <= 0xDCFF:
            kept.append(code - 0xDC00)
        else:
            kept += char.encode("utf-8", "surrogatepass")
    return bytes(kept), error.end


codecs.register_error(KEEP, _keep)


def to_bytes(text: str) -> bytes:
    """Encode as UTF-8; bytes that were no UTF-8 come out as they went in. Never fails."""
    return text.encode("utf-8", KEEP)


def to_text(data: bytes | bytearray | memoryview) -> str:
    """Decode UTF-8, keeping invalid bytes as surrogates. Never fails."""
    return str(data, "utf-8", "surrogateescape")
