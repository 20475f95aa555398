"""The one table from errors to HTTP statuses."""

from __future__ import annotations

from http import HTTPStatus

from tornado.web import HTTPError

from .. import errors

_STATUSES: dict[type[errors.SessionExportError], HTTPStatus] = {
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.NoStableIdentity: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.NotebookUnreadable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotebookChanged: HTTPStatus.CONFLICT,
    errors.NotebookShared: HTTPStatus.CONFLICT,
    errors.OutputTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.ExportNotReady: HTTPStatus.CONFLICT,
    errors.KernelsRunning: HTTPStatus.CONFLICT,
    errors.SessionInUse: HTTPStatus.CONFLICT,
    errors.RangeNotSatisfiable: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    errors.SourceChanged: HTTPStatus.CONFLICT,
    errors.ExportCancelled: HTTPStatus.GONE,
    errors.ExportExpired: HTTPStatus.GONE,
    errors.TooManyExports: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooManySessions: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooManyRuns: HTTPStatus.TOO_MANY_REQUESTS,
    errors.SessionClosed: HTTPStatus.GONE,
    errors.KernelDied: HTTPStatus.CONFLICT,
    errors.KernelNotInstalled: HTTPStatus.BAD_REQUEST,
    errors.KernelStartFailed: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.PackagesFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.StateRefused: HTTPStatus.CONFLICT,
    errors.NotSupported: HTTPStatus.NOT_IMPLEMENTED,
    errors.SessionLeased: HTTPStatus.CONFLICT,
    errors.StoreUnavailable: HTTPStatus.INSUFFICIENT_STORAGE,
}

_CODES = {
    400: "INVALID_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
}


def status_of(error: errors.SessionExportError) -> int:
    """Return the HTTP status of an error; 500 where the table names none of its classes."""
    for kind in type(error).__mro__:
        if kind in _STATUSES:
            return int(_STATUSES[kind])
    return int(HTTPStatus.INTERNAL_SERVER_ERROR)


def code_of(status: int) -> str:
    """Return the code for an error that the web server itself raised."""
    return _CODES.get(status, "INTERNAL" if status >= 500 else "REFUSED")


def message_of(error: HTTPError) -> str | None:
    """Return what an error of the web server's says, its values filled in; None for nothing."""
    return error.log_message % error.args if error.log_message else None
