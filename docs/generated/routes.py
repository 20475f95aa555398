"""The routes, from the server's own table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from jupyter_session_export.server.handlers import UnknownRouteHandler, routes

DESCRIPTION = Path(__file__).parents[1] / "rest-api.yml"
METHODS = ("get", "head", "post", "put", "patch", "delete")


def routes_text() -> str:
    """Return the table of all routes with their methods, and where their description is."""
    table = ["| route | methods | |", "|---|---|---|", *_rows()]
    if DESCRIPTION.is_file():
        table = [f"[OpenAPI](../{DESCRIPTION.name}) describes each.\n", *table]
    return "\n".join(table)


def _rows() -> Iterator[str]:
    # The table only passes the service on.
    for _, handler, options in routes(cast(Any, None)):
        if handler is not UnknownRouteHandler:
            yield f"| `{options['route']}` | {_methods(handler)} | {_about(handler)} |"


def _methods(handler: type) -> str:
    own = [name for name in METHODS if any(name in vars(kind) for kind in _ours(handler))]
    return " ".join(f"`{name.upper()}`" for name in own)


def _ours(handler: type) -> Iterator[type]:
    return (kind for kind in handler.__mro__ if kind.__module__.startswith("jupyter_session"))


def _about(handler: type) -> str:
    """Return what its docstring says behind the route."""
    first = (handler.__doc__ or "").split("\n\n")[0]
    text = " ".join(re.sub(r"^`[^`]*`[:;.,]?\s*", "", first).split()).replace("|", "\\|")
    return f"{text[:1].upper()}{text[1:]}"
