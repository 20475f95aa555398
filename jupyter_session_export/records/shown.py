"""What a notebook shows of an execution: how much, and a digest that a page can work out, too."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_text = json.JSONEncoder().encode


@dataclass(frozen=True, slots=True)
class Shown:
    """`bytes` are those of texts and values as recorded; `sha256` is None for what is large."""

    outputs: int
    bytes: int
    sha256: str | None


def digest(outputs: Iterable[dict[str, Any]]) -> str:
    """Return the SHA-256 of outputs' canonical JSON, as 64 hex digits."""
    hashed = hashlib.sha256(b"[")
    for number, output in enumerate(outputs):
        hashed.update(b"," * bool(number) + canonical(output).encode())
    hashed.update(b"]")
    return hashed.hexdigest()


def canonical(value: Any) -> str:
    """Write JSON in the one way that Python and JavaScript can both write.

    In ASCII without spaces, names sorted by their UTF-16 units, and numbers as their 64 bits,
    since each language writes the same one differently.
    """
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_text(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'"#{_bits(value)}"'
    return _text(value)


def _bits(number: float) -> str:
    try:
        bits = float(number)
    except OverflowError:
        bits = math.inf if number > 0 else -math.inf
    return struct.pack(">d", bits).hex()
