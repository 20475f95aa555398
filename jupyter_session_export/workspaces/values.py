"""Values of readings in JSON and in cells of CSV; what is written reads back the same."""

from __future__ import annotations

import json
import math
import re
from typing import Any

NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""How JSON and CSV write what JSON has no number for."""
_CELLS_NOT_FINITE = {
    "nan": math.nan,
    "inf": math.inf,
    "+inf": math.inf,
    "-inf": -math.inf,
    "infinity": math.inf,
    "+infinity": math.inf,
    "-infinity": -math.inf,
}
# One by one, through json's own functions, these cost as much as all the rest.
quoted = json.encoder.encode_basestring
_scan = vars(json.JSONDecoder())["scan_once"]
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:0|[1-9][0-9]*),[0-9]+(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,400}")
# A spreadsheet takes what begins so for a formula.
_PLAIN = re.compile(r"""(?![=+\-@"])[^\x00-\x1f\x7f-\x9f\u2028\u2029]*""")


def clean(text: str) -> str:
    """Return a text that UTF-8 can write: lone surrogates are spelled out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def canonical(value: Any) -> Any:
    """Return a value as it is kept: JSON's types, and floats that are not finite at the top only.

    Raises ValueError or TypeError for what JSON has no form for.
    """
    if isinstance(value, str):
        return NOT_FINITE.get(value) if value in NOT_FINITE else clean(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return json.loads(json.dumps(_spelled(value), allow_nan=False))


def to_json(value: Any) -> str:
    """Write a value as JSON."""
    kind = type(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else f'"{spelled_float(value)}"'
    if kind is int:
        return str(value)
    return quoted(value) if kind is str else json.dumps(value, ensure_ascii=False)


def from_json(text: str) -> Any:
    """Read what `to_json` wrote."""
    return canonical(_scan(text, 0)[0])


def spelled_float(value: float) -> str:
    """Write a float that is not finite."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def to_cell(value: Any) -> str:
    """Write a value as a cell: plain where it reads back the same, else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value == value.strip() and is_text(value)
        return value if plain else quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return spelled_float(value)
    return to_json(value)


def is_text(cell: str) -> bool:
    """Tell whether a cell reads as the text it is."""
    return bool(from_cell(cell) == cell)


def from_cell(cell: str, *, decimal_comma: bool = False) -> Any:
    """Read a cell: nothing, a number, a truth value, JSON that is quoted or bracketed, or text."""
    text = cell.strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return int(text) if _INTEGER.fullmatch(text) else float(text)
    lower = text.lower()
    if lower in ("true", "false"):
        return lower == "true"
    if lower in _CELLS_NOT_FINITE:
        return _CELLS_NOT_FINITE[lower]
    if decimal_comma and _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return _bracketed(text) if text[0] in '"[{' else clean(text)


def text_to_cell(text: str | None) -> str:
    """Write what is always a text, or nothing."""
    if text is None:
        return ""
    plain = _PLAIN.fullmatch(text) and text == text.strip()
    return text if plain else quoted(text)


def text_from_cell(cell: str) -> str | None:
    """Read what is always a text, or nothing."""
    text = cell.strip()
    if text.startswith('"'):
        value = _bracketed(text)
        return value if isinstance(value, str) else clean(text)
    return clean(text) or None


def _bracketed(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return clean(text)
    return clean(value) if isinstance(value, str) else canonical(value)


def _spelled(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return spelled_float(value)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _spelled(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(each) for each in value]
    return value
