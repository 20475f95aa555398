"""References: journals hold small values themselves, and larger ones by the hash of their blob.

What may be large: values of rich data and of metadata, an error's text and the
entries of its traceback. Buffers are references always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..records.content import Sealed
from . import payload
from .sink import Blobs, Contents

INLINE_BYTES = 1024
"""Larger values are kept as blobs."""
PLAIN = "text/plain"
JSON_TYPE = "application/json"
RICH_TYPES = frozenset({"display_data", "execute_result", "update_display_data"})
ERROR_TYPES = frozenset({"error", "execute_reply"})

Change = Callable[[str, Any], Any]
"""(MIME type, value) → what stands for it."""


def intern(line: dict[str, Any], blobs: Blobs) -> dict[str, Any]:
    """Return a journal's line with its large values put into the blobs."""
    line = _with_texts(line, lambda mime, value: _intern(mime, value, blobs))
    content = line["content"]
    if line["type"] in RICH_TYPES and isinstance(content.get("data"), dict):
        data = {mime: _intern(mime, value, blobs) for mime, value in content["data"].items()}
        line = {**line, "content": {**content, "data": data}}
    return line


def intern_buffers(buffers: list[bytes], blobs: Blobs) -> list[dict[str, Any]]:
    return [_reference(payload.BASE64, blobs.put(bytes(buffer))) for buffer in buffers]


def resolve_texts(line: dict[str, Any], contents: Contents) -> dict[str, Any]:
    """Return a line as it was before `intern`, but for the values of its rich data."""
    return _with_texts(line, lambda _, value: resolve(value, contents))


def resolve(value: Any, contents: Contents) -> Any:
    """Return a value as the kernel sent it."""
    if not is_reference(value):
        return value
    return payload.decode(value["encoding"], contents.read(sealed_of(value)))


def references_in(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the references that a line holds."""
    found: list[Any] = list(line.get("buffers") or ())
    content = line.get("content")
    data = content.get("data") if isinstance(content, dict) else None
    found += data.values() if isinstance(data, dict) else ()

    def note(_: str, value: Any) -> Any:
        found.append(value)
        return value

    _with_texts(line, note)
    yield from (value for value in found if is_reference(value))


def _with_texts(line: dict[str, Any], change: Change) -> dict[str, Any]:
    """Return a line with its metadata changed and, an error's, its texts."""
    content = line.get("content")
    if not isinstance(content, dict):
        return line
    if line.get("type") in RICH_TYPES:
        line = {**_with_values(line, "metadata", change)}
        line["content"] = _with_values(content, "metadata", change)
    elif line.get("type") in ERROR_TYPES:
        line = {**_with_values(line, "metadata", change)}
        line["content"] = _with_error(content, change)
    return line


def _with_values(holder: dict[str, Any], name: str, change: Change) -> dict[str, Any]:
    values = holder.get(name)
    if not values or not isinstance(values, dict):
        return holder
    return {**holder, name: {key: change(JSON_TYPE, value) for key, value in values.items()}}


def _with_error(content: dict[str, Any], change: Change) -> dict[str, Any]:
    changed = dict(content)
    if "evalue" in changed:
        changed["evalue"] = change(PLAIN, changed["evalue"])
    if isinstance(changed.get("traceback"), list):
        changed["traceback"] = [change(PLAIN, entry) for entry in changed["traceback"]]
    return changed


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
