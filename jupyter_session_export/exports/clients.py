"""The clients of sessions, which are browser tabs, and their epochs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import InvalidRequest
from ..records.times import now, to_iso_or_none

MOST_CLIENTS = 200
"""Of so many clients of one session, the one that was heard of longest ago makes room."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def checked_id(client_id: str) -> str:
    """Return what can be a client's id. Raises InvalidRequest."""
    if not _ID.fullmatch(client_id):
        raise InvalidRequest(
            "A client's id is 1 to 64 letters and digits of ASCII, hyphens and underscores."
        )
    return client_id


@dataclass(frozen=True, slots=True)
class Origin:
    """Who began an export: a client, in its epoch and in its owner's session of that time."""

    session_id: str
    client_id: str
    epoch: int


@dataclass(slots=True)
class Client:
    """A tab; `login` names the sign-in by which its page was loaded, where that is known."""

    id: str
    session_id: str
    owner: str
    epoch: int
    raised_at: datetime | None = None
    login: str | None = None

    @property
    def origin(self) -> Origin:
        """What an export that begins now belongs to."""
        return Origin(self.session_id, self.id, self.epoch)

    def raise_epoch(self) -> None:
        """Begin a new epoch: what it began before is not its own any more."""
        self.epoch += 1
        self.raised_at = now()

    def began(self, origin: Origin | None) -> bool:
        """Tell whether it was this client, in whatever epoch."""
        mine = (self.session_id, self.id)
        return origin is not None and (origin.session_id, origin.client_id) == mine

    def to_json(self, exports: int) -> dict[str, Any]:
        """Return it as the HTTP contract shows it, with how many exports it has."""
        return {
            "client_id": self.id,
            "session_id": self.session_id,
            "epoch": self.epoch,
            "raised_at": to_iso_or_none(self.raised_at),
            "exports": exports,
        }


class Clients:
    """Epochs only grow: a client that was forgotten comes back with one that it never had."""

    def __init__(self) -> None:
        self._by_session: dict[str, dict[str, Client]] = {}
        self._floors: dict[str, int] = {}

    def known(self, session_id: str, owner: str, client_id: str) -> Client:
        """Return a client; one unknown so far begins with epoch 0, or where it can't have been."""
        clients = self._by_session.setdefault(session_id, {})
        client = clients.pop(client_id, None)
        if client is None:
            self._make_room(session_id, clients)
            client = Client(client_id, session_id, owner, self._floors.get(session_id, 0))
        clients[client_id] = client
        return client

    def restore(self, origin: Origin, owner: str) -> None:
        """Take in what an export of an earlier server process says of its client."""
        client = self.known(origin.session_id, owner, origin.client_id)
        client.epoch = max(client.epoch, origin.epoch)

    def of_owner(self, owner: str) -> list[Client]:
        """Return an owner's clients, by session, the one heard of last at the end."""
        return [
            client
            for clients in self._by_session.values()
            for client in clients.values()
            if client.owner == owner
        ]

    def of_session(self, session_id: str) -> list[Client]:
        """Return a session's clients."""
        return list(self._by_session.get(session_id, {}).values())

    def of_login(self, login: str) -> list[Client]:
        """Return the clients of all sessions that are in one browser."""
        clients = (client for some in self._by_session.values() for client in some.values())
        return [client for client in clients if client.login == login]

    def forget_session(self, session_id: str) -> None:
        """Let go of a session that nobody comes back to."""
        self._by_session.pop(session_id, None)
        self._floors.pop(session_id, None)

    def _make_room(self, session_id: str, clients: dict[str, Client]) -> None:
        while len(clients) >= MOST_CLIENTS:
            gone = clients.pop(next(iter(clients)))
            self._floors[session_id] = max(self._floors.get(session_id, 0), gone.epoch)
