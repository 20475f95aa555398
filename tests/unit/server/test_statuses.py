"""The table from errors to HTTP statuses."""

from __future__ import annotations

import pytest
from tornado.web import HTTPError

from jupyter_session_export import errors
from jupyter_session_export.server.statuses import code_of, message_of, status_of


def _all(kind: type[errors.SessionExportError]) -> set[type[errors.SessionExportError]]:
    return {kind} | {found for below in kind.__subclasses__() for found in _all(below)}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidRequest("x"), 400),
        (errors.NoStableIdentity("x"), 403),
        (errors.SessionNotFound("x"), 404),
        (errors.ExportNotReady("x"), 409),
        (errors.CancelledByUser("x"), 410),
        (errors.CancelledSessionChange("x"), 410),
        (errors.ExportExpired("x"), 410),
        (errors.TooManyExports("x"), 429),
        (errors.StoreDamaged("x"), 500),
        (errors.StoreUnavailable("x"), 507),
    ],
)
def test_an_error_has_its_status(error: errors.SessionExportError, status: int) -> None:
    """An error's class, or the nearest above it, decides."""
    assert status_of(error) == status


def test_every_error_has_a_code_and_a_status() -> None:
    """No error of the hierarchy is left to chance."""
    for kind in _all(errors.SessionExportError):
        assert kind.code == kind.code.upper()
        assert 400 <= status_of(kind("x")) < 600


def test_the_web_servers_own_errors_have_codes() -> None:
    """What tornado raises is answered in our form too."""
    assert [code_of(status) for status in (403, 404, 405, 418, 503)] == [
        "FORBIDDEN",
        "NOT_FOUND",
        "METHOD_NOT_ALLOWED",
        "REFUSED",
        "INTERNAL",
    ]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (HTTPError(404, "No such file: 100%.ipynb"), "No such file: 100%.ipynb"),
        (HTTPError(400, "Missing argument %s", "limit"), "Missing argument limit"),
        (HTTPError(403), None),
    ],
)
def test_the_web_servers_own_messages_are_whole(error: HTTPError, message: str | None) -> None:
    """As tornado logs them: with the values that belong into them, and no sign twice."""
    assert message_of(error) == message
