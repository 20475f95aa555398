"""Who does what is being done now, and whose session is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server import CallContext

from ..records.activity import Actor

if TYPE_CHECKING:
    from jupyter_server.auth import User

    from ..records.session import Session
    from .owners import Owners
    from .sessions import OpenSessions


class Actors:
    """Asks the request that is being served; a task that a request has left behind acts for nobody.

    Sessions are only looked up: what is merely noted opens none.
    """

    def __init__(self, owners: Owners, sessions: OpenSessions) -> None:
        self._owners = owners
        self._sessions = sessions

    def user(self) -> str | None:
        """Return the name of the signed-in user whose request is being served."""
        handler: Any = CallContext.get(CallContext.JUPYTER_HANDLER)
        if handler is None or handler._finished:
            return None
        return self.name_of(getattr(handler, "_jupyter_current_user", None))

    def name_of(self, user: User | None) -> str | None:
        """Return what the record calls a signed-in user; one with a made-up name is the owner."""
        if user is None:
            return None
        server = self._owners.of_server
        return self._owners.name_of(user) or (None if server is None else server.id)

    def actor(self) -> Actor | None:
        """Return who acts; None where that is nobody who has a session."""
        return self.of(self.user())

    def of(self, user: str | None) -> Actor | None:
        """Return a user with the session that tells of them; None where there is none."""
        session = self.session_of(user)
        return None if session is None else Actor(session.id, user)

    def session_of(self, user: str | None) -> Session | None:
        """Return the open session of a user, or of the server's one owner."""
        server = self._owners.of_server
        owner_id = user if server is None else server.id
        return None if owner_id is None else self._sessions.open_of(owner_id)
