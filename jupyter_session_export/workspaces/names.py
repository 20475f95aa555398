"""Names of a session's own files: what may be asked for, and what may be made anew."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from pathlib import PurePath, PurePosixPath
from unicodedata import normalize

from ..errors import InvalidName
from .faults import missing

MOST_PARTS = 64
MOST_BYTES = 4000
COMPONENT_BYTES = 255
_PARTIAL = re.compile(r"\.session_export-[0-9a-f]{16}\.part")
_NEVER = re.compile(
    '[\x00-\x1f\x7f-\x9f<>:"|?*\\\\\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]'
)
"""Controls, what Windows forbids, what turns text around, and lone surrogates."""
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?",
    re.IGNORECASE | re.DOTALL,
)


def parts_of(path: str) -> tuple[str, ...]:
    """Split the path of a file that is asked for. Raises FileMissing for what can't be one.

    Every part is the name of one thing in one folder, so that no path leads out.
    """
    parts = tuple(path.split("/"))
    if not all(map(_is_component, parts)) or len(parts) > MOST_PARTS:
        raise missing()
    return parts


def new_parts(name: str | os.PathLike[str]) -> tuple[str, ...]:
    """Split the name of a file that is to be made. Raises InvalidName, saying why.

    It may be a relative path. Every system must be able to hold it, since a ZIP of
    it may be extracted anywhere.
    """
    text = _as_text(name)
    parts = PurePosixPath(text).parts if text else ()
    if not parts or text.startswith("/") or text.endswith("/"):
        raise _invalid(text, "it must be a file's name, or a relative path")
    if len(parts) > MOST_PARTS or _bytes(text) > MOST_BYTES:
        raise _invalid(text, "it is too long")
    for part in text.split("/"):
        if why := _objection(part):
            raise _invalid(text, why)
    return tuple(parts)


def partial_name() -> str:
    """Return a name for a file that isn't whole yet."""
    return f".session_export-{secrets.token_hex(8)}.part"


def is_partial(name: str) -> bool:
    """Tell whether a name is one of `partial_name`, which nobody is shown."""
    return _PARTIAL.fullmatch(name) is not None


def _is_component(part: str) -> bool:
    return (
        part not in ("", ".", "..")
        and "\0" not in part
        and not is_partial(part)
        and PurePath(part).name == part  # Windows: no backslash, no drive
        and _bytes(part) <= COMPONENT_BYTES
    )


_OBJECTIONS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ('a part of it is empty, "." or ".."', lambda part: part in ("", ".", "..")),
    ("not every system can hold one of its characters", _NEVER.search),
    (
        "a part of it begins or ends with a blank, or ends with a dot",
        lambda part: part != part.strip() or part.endswith("."),
    ),
    ("such a name is that of a device on Windows", _RESERVED.fullmatch),
    ("such names are for files that are not whole yet", is_partial),
    (
        f"a part of it is longer than {COMPONENT_BYTES} bytes",
        # macOS keeps the decomposed form, which is longer.
        lambda part: max(_bytes(part), _bytes(normalize("NFD", part))) > COMPONENT_BYTES,
    ),
)
"""What speaks against a part of a new name."""


def _objection(part: str) -> str | None:
    return next((why for why, applies in _OBJECTIONS if applies(part)), None)


def _as_text(name: str | os.PathLike[str]) -> str:
    text = os.fspath(name)
    if not isinstance(text, str):
        raise _invalid(repr(text), "it must be a text")
    # A relative path that pathlib made on Windows is a name like any other.
    return text if isinstance(name, str) else PurePath(text).as_posix()


def _bytes(part: str) -> int:
    return len(part.encode("utf-8", "surrogatepass"))


def _invalid(text: str, why: str) -> InvalidName:
    shown = text[:80].encode("utf-8", "backslashreplace").decode()
    return InvalidName(f"{shown!r} can't be the name of a file: {why}.", "Give another name.")
