"""What handlers read of requests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tornado import web

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.server.base import MOST_BODY, SessionExportHandler


def asked(**arguments: bytes) -> SessionExportHandler:
    """Return a handler of a request with this query."""
    handler = SessionExportHandler.__new__(SessionExportHandler)
    request: Any = SimpleNamespace(
        query_arguments={name: [value] for name, value in arguments.items()}
    )
    handler.request = request
    return handler


def test_a_query_is_read_as_it_was_sent() -> None:
    """A notebook may be called with a space at its end; trimmed, it would be another one."""
    handler = asked(path=b" a\x1f.ipynb ")
    assert handler.argument("path") == " a\x1f.ipynb "
    assert handler.query() == {"path": " a\x1f.ipynb "}
    assert handler.argument("cell_id", "none") == "none"


def test_what_is_no_text_is_refused() -> None:
    """It is no UTF-8."""
    with pytest.raises(web.HTTPError) as told:
        asked(path=b"\xff").argument("path")
    assert told.value.status_code == 400


def body_of(content: bytes) -> dict[str, Any]:
    handler: Any = SimpleNamespace(request=SimpleNamespace(body=content))
    return SessionExportHandler.body(handler)


def test_a_body_is_an_object_of_bounded_size() -> None:
    """While more is parsed on the event loop, nobody else is served."""
    assert body_of(b' {"state": "on"} ') == {"state": "on"}
    assert body_of(b" ") == {}
    for content in (b"[]", b"{", b"[" * 200_000, b"\xff"):
        with pytest.raises(InvalidRequest):
            body_of(content)
    with pytest.raises(web.HTTPError, match="413"):
        body_of(b" " * MOST_BODY + b"{}")
