"""What each error code means, from the classes that have it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from http import HTTPStatus

from jupyter_session_export.errors import SessionExportError
from jupyter_session_export.server.statuses import status_of


def kinds() -> Iterator[type[SessionExportError]]:
    """Yield every class of `errors.py`, the more general ones first."""
    waiting: deque[type[SessionExportError]] = deque([SessionExportError])
    while waiting:
        kind = waiting.popleft()
        yield kind
        waiting.extend(sub for sub in kind.__subclasses__() if sub.__module__ == kind.__module__)


def codes() -> dict[str, list[type[SessionExportError]]]:
    """Return the classes by their code."""
    found: dict[str, list[type[SessionExportError]]] = {}
    for kind in kinds():
        found.setdefault(kind.code, []).append(kind)
    return found


def errors_text() -> str:
    """Return a table of all codes: HTTP status and meaning."""
    rows = [
        f"| [`{code}`](#{code.lower()}) | {_status(classes[0])} | {_meaning(classes)} |"
        for code, classes in sorted(codes().items())
    ]
    return "\n".join(["| code | HTTP | means |", "|---|---|---|", *rows])


def _status(kind: type[SessionExportError]) -> str:
    status = status_of(kind.__new__(kind))
    return "" if status == HTTPStatus.INTERNAL_SERVER_ERROR else str(status)


def _meaning(classes: list[type[SessionExportError]]) -> str:
    """Return what the first class says, and what more special ones with the same code do."""
    first, *more = (" ".join((kind.__doc__ or "").split("\n\n")[0].split()) for kind in classes)
    return " ".join([first, *(f"Also: {text[:1].lower()}{text[1:]}" for text in more)])
