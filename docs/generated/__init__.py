"""What the reference says is taken from the code when the pages are built."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .errors import errors_text
from .examples import examples_text
from .parsers import command_line_text, magics_text
from .routes import routes_text
from .schemas import schema_text
from .settings import settings_text

TEXTS: dict[str, Callable[[], str]] = {
    "settings": settings_text,
    "command_line": command_line_text,
    "magics": magics_text,
    "routes": routes_text,
    "errors": errors_text,
    "examples": examples_text,
    "manifest": partial(schema_text, "manifest"),
    "session_metadata": partial(schema_text, "session_metadata"),
    "execution_metadata": partial(schema_text, "execution_metadata"),
}
"""By the name that stands in a page as `<!-- generated: NAME -->`."""
