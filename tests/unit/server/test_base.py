from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tornado.web import HTTPError

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.server.base import MOST_BODY, SessionExportHandler


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
    with pytest.raises(HTTPError, match="413"):
        body_of(b" " * MOST_BODY + b"{}")
