"""Names of the files of rich outputs: unique, safe, and of the type's own extension."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..records.widgets import VIEW, VIEW_SUFFIX
from . import payload

EXTENSIONS = {
    "application/javascript": ".js",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/javascript": ".js",
    "text/latex": ".tex",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
SLUG_LENGTH = 80


def file_names(number: int, types: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a name for each MIME type of output `number`.

    `types` are pairs of MIME type and payload encoding. Well-known types take the
    plain name; another with the same extension gets its own type into the name.
    """
    names: dict[str, str] = {}
    for mime, encoding in sorted(types, key=lambda item: (item[0] not in EXTENSIONS, item[0])):
        extension = _extension(mime, encoding)
        stem = f"output_{number}"
        candidates = [stem, f"{stem}.{_slug(mime)}"]
        candidates += [f"{stem}.{_slug(mime)}_{count}" for count in range(2, len(names) + 3)]
        taken = {name.lower() for name in names.values()}
        names[mime] = next(
            c + extension for c in candidates if (c + extension).lower() not in taken
        )
    return names


def _extension(mime: str, encoding: str) -> str:
    known = EXTENSIONS.get(mime)
    if mime == VIEW:
        return VIEW_SUFFIX
    if encoding == payload.JSON:
        return ".json"
    if encoding == payload.TEXT and payload.is_binary(mime):
        return f"{known or ''}.txt"
    if known:
        return known
    if encoding != payload.TEXT:
        return ".bin"
    return ".xml" if mime.endswith("+xml") else ".txt"


def _slug(mime: str) -> str:
    """Return the type's part after the slash, such as `vnd.plotly.v1`."""
    subtype = mime.partition("/")[2].removesuffix("+json")
    slug = re.sub(r"[^A-Za-z0-9.-]+", "-", subtype).strip(".-")
    return slug[:SLUG_LENGTH] or "data"
