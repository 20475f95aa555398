"""Takes secrets out of what is written down: logs tell what was done, never with which key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MOST_CHARACTERS = 1024
"""Of each text in a line of a log."""
MOST_ITEMS = 32
SECRET = "[secret]"  # noqa: S105  # stands for one
_NAMES = (
    r"[\w.-]*(?:token|passw(?:or)?d|passwd|passphrase|pwd|secret|credential|cookie|xsrf"
    r"|api_?key|access_?key|private_?key|signature)[\w.-]*"
)
_RULES = (
    # A query's or a form's own; also percent-encoded once, as within another URL.
    (re.compile(rf"((?<![\w.-]){_NAMES}(?:=|%3D))[^\s&#;,'\"<>]+", re.IGNORECASE), rf"\1{SECRET}"),
    # Parameters that are secrets by their whole name only.
    (
        re.compile(r"([?&;](?:auth|key|code|state|sig)=)[^\s&#;'\"<>]+", re.IGNORECASE),
        rf"\1{SECRET}",
    ),
    # RFC 3986, section 3.2.1: user information.
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@?#]+@", re.IGNORECASE), rf"\1{SECRET}@"),
    # Headers: RFC 9110, section 11.4, and RFC 6265.
    (
        re.compile(
            r"(\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?(?:[\w-]+ +)?)[^\s'\",;]+",
            re.IGNORECASE,
        ),
        rf"\1{SECRET}",
    ),
    (
        re.compile(r"(\b(?:bearer|token|JupyterSessionExport) +)[\w.~+/=-]{16,}", re.IGNORECASE),
        rf"\1{SECRET}",
    ),
    (
        re.compile(r"(\b(?:set-)?cookie['\"]?\s*:\s*['\"]?)[^\r\n'\"]+", re.IGNORECASE),
        rf"\1{SECRET}",
    ),
    (re.compile(rf"(['\"]{_NAMES}['\"]\s*:\s*['\"])[^'\"]+", re.IGNORECASE), rf"\1{SECRET}"),
    (re.compile(rf"((?<![\w.-]){_NAMES}\s*:\s+)[^\s'\",;]+", re.IGNORECASE), rf"\1{SECRET}"),
)


def scrubbed(text: str) -> str:
    """Return a text with `[secret]` for what looks like one by its name or place."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def tidied(value: Any) -> Any:
    """Return a value of JSON for a line of a log: scrubbed, and of bounded size."""
    if isinstance(value, str):
        return _shortened(scrubbed(value[: 4 * MOST_CHARACTERS]))
    if isinstance(value, Mapping):
        some = list(value.items())[:MOST_ITEMS]
        return {str(name)[:64]: tidied(part) for name, part in some}
    if isinstance(value, (list, tuple)):
        return [tidied(part) for part in value[:MOST_ITEMS]]
    return value


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
