"""Who was refused: a line in the audit log of each session that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado import web

from ..errors import (
    ExportNotFound,
    InvalidRequest,
    SessionNotFound,
    TooManyExports,
    TooManyRuns,
    TooManySessions,
)
from ..records.session import Session

if TYPE_CHECKING:
    from ..exports.registry import ExportRegistry
    from .actors import Actors
    from .audit import Audit
    from .base import SessionExportHandler
    from .sessions import OpenSessions

STATUSES = frozenset({401, 403})
TOO_MANY = frozenset({TooManyExports.code, TooManySessions.code, TooManyRuns.code})
CODES = TOO_MANY | {SessionNotFound.code, ExportNotFound.code}
"""Of other statuses: too many, or what doesn't exist or is another's, the same to who asks."""
MOST_BODY = 65_536
"""Bytes of a request that are looked at for the session it names."""


class Refusals:
    """Called on the event loop when a request has ended.

    Whoever asks is told the same in their own log whether it was another's or never
    was; the other owner is told of it without a name. Of those that nobody knows
    the address is written down.
    """

    def __init__(
        self, actors: Actors, sessions: OpenSessions, exports: ExportRegistry, audit: Audit
    ) -> None:
        self._actors = actors
        self._sessions = sessions
        self._exports = exports
        self._audit = audit

    def note(self, handler: SessionExportHandler, code: str | None) -> None:
        """Write down how a request has ended if that was a refusal."""
        status = handler.get_status()
        if status not in STATUSES and code not in CODES:
            return
        route = f"{handler.request.method} {handler.route}"
        detail: dict[str, Any] = {"status": status, "code": code}
        mine, theirs = self._own(handler), self._named(handler)
        if mine is not None:
            self._audit.refused(mine, route, detail, mine=True)
            by = {"by": "another owner"}
        else:
            theirs = theirs or self._actors.session_of(None)
            by = {"by": "a stranger", "address": str(handler.request.remote_ip)}
        if theirs is not None and (mine is None or theirs.id != mine.id):
            self._audit.refused(theirs, route, {**detail, **by}, mine=False)

    def _own(self, handler: SessionExportHandler) -> Session | None:
        """Return the session of who asked, if they have one."""
        if handler.grant is not None:
            return self._open(handler.grant.session_id)
        user = getattr(handler, "_jupyter_current_user", None)
        return None if user is None else self._actors.session_of(user.username)

    def _named(self, handler: SessionExportHandler) -> Session | None:
        """Return the session that was asked for, by its id or an export's, if it is open."""
        export_id = handler.path_kwargs.get("export_id")
        if export_id is not None:
            return self._open(self._exports.session_of(export_id))
        return self._open(handler.path_kwargs.get("session_id") or _asked(handler))

    def _open(self, session_id: str | None) -> Session | None:
        record = None if session_id is None else self._sessions.record_of(session_id)
        return None if record is None else record.session


def _asked(handler: SessionExportHandler) -> str | None:
    """Return the session that a query or a body names."""
    try:
        named: Any = handler.argument("session_id") or None
        if named is None and len(handler.request.body) <= MOST_BODY:
            named = handler.body().get("session_id")
    except (InvalidRequest, web.HTTPError):
        return None
    return named if isinstance(named, str) else None
