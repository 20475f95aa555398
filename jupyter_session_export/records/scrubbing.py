"""Takes secrets out of what is written down: logs tell what was done, never with which key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MOST_CHARACTERS = 1024
"""Of each text in a line of a log."""
MOST_ITEMS = 32
SECRET = "[secret]"  # noqa: S105  # stands for one
_NAME = (
    r"(?:token|passw(?:or)?d|passwd|passphrase|pwd|secret|credential|cookie|xsrf"
    r"|api_?key|access_?key|private_?key|signature)[\w.-]{0,64}"
)
"""The part of a name that tells a secret, and what follows; repeats are bounded to stay linear."""
_HINT = re.compile(
    r"=|%3d|://|authorization|bearer|token|JupyterSessionExport|pass|pwd|secret|credential"
    r"|cookie|xsrf|key|signature",
    re.IGNORECASE,
)
"""No rule finds anything without one; most texts have none."""
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # A query's or a form's own; also percent-encoded once, as within another URL.
        (rf"({_NAME}(?:=|%3D))[^\s&#;,'\"<>]+", rf"\1{SECRET}"),
        # Parameters that are secrets by their whole name only.
        (r"([?&;](?:auth|key|code|state|sig)=)[^\s&#;'\"<>]+", rf"\1{SECRET}"),
        # RFC 3986, section 3.2.1: user information.
        (r"(\b[a-z][a-z0-9+.-]{0,31}://)[^\s/@?#]+@", rf"\1{SECRET}@"),
        # Headers: RFC 9110, section 11.4, and RFC 6265.
        (
            r"(\bauthorization['\"]?\s{0,8}[:=]\s{0,8}['\"]?(?:[\w-]+ +)?)[^\s'\",;]+",
            rf"\1{SECRET}",
        ),
        (r"(\b(?:bearer|token|JupyterSessionExport) +)[\w.~+/=-]{16,}", rf"\1{SECRET}"),
        (r"(\b(?:set-)?cookie['\"]?\s{0,8}:\s{0,8}['\"]?)[^\r\n'\"]+", rf"\1{SECRET}"),
        # Pairs of a name and a value, as in JSON or YAML.
        (rf"({_NAME}['\"]\s{{0,8}}:\s{{0,8}}['\"])[^'\"]+", rf"\1{SECRET}"),
        (rf"({_NAME}\s{{0,8}}:\s{{1,8}})[^\s'\",;]+", rf"\1{SECRET}"),
    )
)


def scrubbed(text: str) -> str:
    """Return a text with `[secret]` for what looks like one by its name or place."""
    if not _HINT.search(text):
        return text
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
