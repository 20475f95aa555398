"""The routes of clients: a page was loaded, and which pages and threads there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..archive.hanging import HANGING
from ..exports.admission import MOST_HANGING_OF_ONE
from ..exports.clients import checked_id
from ..exports.crew import Crew
from ..exports.epochs import Epochs
from ..exports.registry import ExportRegistry
from ..records.times import to_iso
from .base import SessionExportHandler
from .owners import Owner

if TYPE_CHECKING:
    from .sessions import OpenSessions


class ClientsService:
    """All calls are made on the event loop."""

    def __init__(
        self, sessions: OpenSessions, exports: ExportRegistry, epochs: Epochs, senders: Crew
    ) -> None:
        self._sessions = sessions
        self._exports = exports
        self._epochs = epochs
        self._senders = senders

    async def page_loaded(
        self, owner: Owner, session_id: str | None, client_id: str, login: str | None
    ) -> dict[str, Any]:
        """Raise a client's epoch. Raises InvalidRequest."""
        checked_id(client_id)
        session = await self._sessions.find(owner, session_id)
        client, cancelled = await self._epochs.page_loaded(session, client_id, login)
        return {
            "session_id": session.id,
            "epoch": client.epoch,
            "cancelled": [job.id for job in cancelled],
        }

    def signed_out(self, login: str) -> None:
        """Raise the epochs of the clients in a browser that has signed out."""
        self._epochs.signed_out(login)

    def describe(self, owner: Owner, session_id: str | None) -> dict[str, Any]:
        """Return the owner's clients, or those of one session, and how the threads are."""
        crew = self._exports.runner.crew
        return {
            "clients": self._epochs.to_json(owner.id, session_id),
            "workers": {
                "preparing": crew.working,
                "waiting": crew.waiting,
                "sending": self._senders.working,
                "hanging": [
                    {"since": to_iso(each.since), "place": each.place}
                    for each in HANGING.of(owner.id)
                ],
                "most_hanging": MOST_HANGING_OF_ONE,
            },
        }


class ClientsHandler(SessionExportHandler):
    """`GET clients`: which pages there are, and which threads hang."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        owner = await self.owner()
        self.answer(self.service.clients.describe(owner, self.session_id(None)))


class ClientEpochHandler(SessionExportHandler):
    """`POST clients/{id}/epoch`: a page was loaded; what it began before is cancelled."""

    @web.authenticated
    @authorized
    async def post(self, client_id: str) -> None:
        owner = await self.owner()
        login = None if self.grant else self.current_user.username
        session_id = self.session_id(None)
        self.answer(await self.service.clients.page_loaded(owner, session_id, client_id, login))
