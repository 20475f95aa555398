"""The base of our handlers: who asks, and how errors are answered."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from jupyter_server.auth import AllowAllAuthorizer, Authorizer, User
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..errors import InvalidRequest, SessionExportError, SessionNotFound
from .access import AccessKeys, Grant
from .owners import Owner
from .statuses import code_of, message_of, status_of

if TYPE_CHECKING:
    from .service import SessionExportService


MOST_BODY = 32 * 1024 * 1024
"""Bytes of a request's JSON: while more is parsed, nobody else would be served."""


class SessionExportHandler(APIHandler):
    """Answers for one owner, found by Jupyter's own authentication or by a session's key."""

    auth_resource = "session_export"
    grant: Grant | None = None
    _refusal: str | None = None

    def initialize(self, service: SessionExportService, route: str) -> None:
        self.service = service
        self.route = route

    @property
    def log(self) -> logging.Logger:
        return self.service.log

    async def prepare(self) -> None:  # type: ignore[override]  # as APIHandler's own
        authorization = self.request.headers.get("Authorization", "")
        if not AccessKeys.is_ours(authorization):
            await super().prepare()
            return
        self.grant = self.service.keys.grant(authorization)
        if self.grant is None or not self.check_host():
            self.current_user = self._jupyter_current_user = None
            raise web.HTTPError(403, "This key opens nothing here; the server may be another one.")
        self.current_user = self._jupyter_current_user = User(self.grant.owner)

    @property
    def authorizer(self) -> Authorizer:
        """Code in a kernel may do to its session what whoever started the kernel may."""
        if self.grant is not None:
            return AllowAllAuthorizer(parent=self.serverapp, log=self.log)
        return super().authorizer

    def check_xsrf_cookie(self) -> None:
        """No page of another site can send a key along, so there is nothing to check."""
        if self.grant is None:
            super().check_xsrf_cookie()

    async def owner(self) -> Owner:
        """Return whom this request acts for. Raises NoStableIdentity."""
        if self.grant is not None:
            return Owner(self.grant.owner, self.grant.guest)
        return await self.service.owners.of_request(self)

    def session_id(self, named: str | None) -> str | None:
        """Return the session a route names; a key stands for its own one."""
        if self.grant is None:
            return named
        if named not in (None, self.grant.session_id):
            raise SessionNotFound("This key opens another session.", "Leave the session out.")
        return self.grant.session_id

    def body(self) -> dict[str, Any]:
        """Return the request's JSON object. Raises InvalidRequest."""
        if len(self.request.body) > MOST_BODY:
            raise web.HTTPError(413, f"The body of a request has at most {MOST_BODY} bytes.")
        if not self.request.body.strip():
            return {}
        try:
            data = json.loads(self.request.body)
        except (ValueError, RecursionError) as error:
            raise InvalidRequest("The request's body is not JSON.", str(error)) from error
        if not isinstance(data, dict):
            raise InvalidRequest("The request's body must be a JSON object.")
        return data

    def query(self) -> dict[str, str]:
        """Return the request's query, each name once."""
        return {name: self.argument(name) for name in self.request.query_arguments}

    def argument(self, name: str, default: str = "") -> str:
        """Return a parameter of the query as it was sent.

        tornado's own way trims it, and what names a file would name another one then.
        """
        values = self.request.query_arguments.get(name)
        return self.decode_argument(values[-1], name=name) if values else default

    def number(self, name: str, default: int, most: int) -> int:
        """Return a number of the query, from 0 to `most`. Raises InvalidRequest."""
        text = self.argument(name, str(default))
        if not text.isdecimal() or len(text) > len(str(most)) or int(text) > most:
            raise InvalidRequest(f"{name} must be a number from 0 to {most}.")
        return int(text)

    def answer(self, data: dict[str, Any], status: int = 200) -> None:
        """Finish with JSON that no cache keeps."""
        self.set_status(status)
        self.answer_json(json.dumps(data))

    def answer_json(self, document: str | bytes) -> None:
        """Finish with JSON that was written already; no cache keeps it."""
        self.set_header("Cache-Control", "no-store")
        self.finish(document)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if status_code == 405:
            self.set_header("Allow", ", ".join(self._methods()))
        self._refusal = code_of(status_code)
        if isinstance(error, SessionExportError):
            self._refusal = error.code
            self.set_status(status_of(error))
            self.finish(json.dumps(error.as_dict()))
            return
        message = message_of(error) if isinstance(error, web.HTTPError) else None
        message = message or self._reason
        body = {"code": code_of(status_code), "message": message, "detail": None}
        self.finish(json.dumps(body))

    def _methods(self) -> list[str]:
        """Return the methods that there are: RFC 9110, section 15.5.6."""
        missing = web.RequestHandler._unimplemented_method
        names = self.SUPPORTED_METHODS
        return [name for name in names if getattr(type(self), name.lower()) is not missing]

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """What a person is told about is no fault of the server's: a line, without a traceback.

        tornado's own line would quote the URL's query, with its token.
        """
        method, path = self.request.method, self.request.path
        if isinstance(value, SessionExportError):
            self.log.info("%s %s: %s", method, path, value.code)
        elif isinstance(value, web.HTTPError):
            # Those without a message are told by the line of the request itself.
            if message := message_of(value):
                self.log.info("%s %s: %s", method, path, message)
        else:
            self.log.error("%s %s failed", method, path, exc_info=(typ, value, tb))

    def on_finish(self) -> None:
        super().on_finish()
        self.service.refusals.note(self, self._refusal)
