"""Notices that somebody signs out, which Jupyter Server has no event for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tornado.web import RequestHandler

LogFunction = Callable[[RequestHandler], Any]


def noticing_sign_out(
    log: LogFunction, logout: type[RequestHandler], signed_out: Callable[[str], None]
) -> LogFunction:
    """Return a `log_function`, which tornado calls after each request, that tells of sign-outs.

    `signed_out` is told the name of the user; each sign-in by token or password
    has a name of its own. JupyterHub's own handler calls nothing that could be
    wrapped instead, so all kinds are known by the handler's class.
    """

    def noticing(handler: RequestHandler) -> None:
        log(handler)
        user = getattr(handler, "_jupyter_current_user", None)
        if isinstance(handler, logout) and handler.get_status() < 400 and user is not None:
            signed_out(user.username)

    return noticing
