"""What a notebook shows of an execution: how much, and a digest that a page can work out, too."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

LARGEST_EXACT = 2**53
"""JavaScript's numbers are exact up to here."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN_EXPONENTS = range(-6, 21)
"""Of ten: JavaScript writes such numbers without an exponent."""


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
    """Write JSON so that any language writes the same: RFC 8785, the JSON of ECMAScript.

    Names sorted by their UTF-16 units, no spaces, numbers as JavaScript writes them.
    """
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_text(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int) and abs(value) <= LARGEST_EXACT:
        return str(value)
    return _number(value)


def _text(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    if text.isascii():
        return written
    joined = written.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return _SURROGATE.sub(lambda lone: f"\\u{ord(lone[0]):04x}", joined)


def _number(value: float) -> str:
    """Write a number; null where it is none of JSON's, or none that JavaScript could hold."""
    try:
        number = float(value)
    except OverflowError:
        return "null"
    if not math.isfinite(number):
        return "null"
    if number == 0:
        return "0"
    sign, digits, exponent = _parts(number)
    if exponent not in _PLAIN_EXPONENTS:
        fraction = f".{digits[1:]}" if digits[1:] else ""
        return f"{sign}{digits[0]}{fraction}e{exponent:+d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _parts(number: float) -> tuple[str, str, int]:
    """Return sign, significant digits, and the exponent of the first one."""
    mantissa, _, exponent = f"{number!r}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.removeprefix("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    return sign, digits.rstrip("0"), int(exponent or 0) + len(whole) - 1 - leading
