"""Session change: exports of earlier epochs of a client end."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ..errors import CancelledSessionChange, StoreError
from ..records.session import Session
from .clients import Client, Clients, Origin
from .job import ExportJob
from .registry import ExportRegistry

Audit = Callable[[Session, str, str, dict[str, Any]], None]
RELOADED = "The page that asked for it was loaded again."
SIGNED_OUT = "Who asked for it has signed out."


class Epochs:
    """All calls are made on the event loop.

    `audit(session, action, export_id, detail)` notes what was cancelled;
    `returned(owner)` waits for exports of earlier servers, which tell of epochs
    too. With `cancels` False epochs go up all the same, but nothing ends by it.
    """

    def __init__(
        self,
        exports: ExportRegistry,
        *,
        cancels: bool,
        audit: Audit,
        returned: Callable[[str], Awaitable[None]],
        log: logging.Logger,
    ) -> None:
        self._returned = returned
        self._exports = exports
        self._cancels = cancels
        self._audit = audit
        self._log = log
        self._clients = Clients()

    def origin(self, session: Session, client_id: str) -> Origin:
        """Return what an export belongs to that a client begins now."""
        return self._clients.known(session.id, session.owner, client_id).origin

    def restore(self, origin: Origin, owner: str) -> None:
        """Take in the origin of an export of an earlier server process."""
        self._clients.restore(origin, owner)

    async def page_loaded(
        self, session: Session, client_id: str, login: str | None
    ) -> tuple[Client, list[ExportJob]]:
        """Raise a client's epoch; return it with the exports that were cancelled."""
        await self._all_known(session.owner)
        client = self._clients.known(session.id, session.owner, client_id)
        if login is not None:
            # A key tells of no sign-in, and takes none away.
            client.login = login
        return client, self._raise(client, RELOADED)

    def signed_out(self, login: str) -> None:
        """Raise the epochs of all clients in the browser that has signed out."""
        for client in self._clients.of_login(login):
            self._raise(client, SIGNED_OUT)

    async def end_session(self, session: Session, why: str) -> None:
        """Raise the epochs of all its clients; wait for exports of it that are under way to end.

        A guest's exports go with the session, whatever the settings say.
        """
        await self._all_known(session.owner)
        for client in self._clients.of_session(session.id):
            self._raise(client, why)
        self._clients.forget_session(session.id)
        if self._cancels or session.guest:
            await self._exports.cancel_all(session.id, why, ready=session.guest)

    def to_json(self, owner: str, session_id: str | None) -> list[dict[str, Any]]:
        """Return an owner's clients, or those of one session, as the HTTP contract shows them."""
        return [
            client.to_json(len(self._exports.of_client(client)))
            for client in self._clients.of_owner(owner)
            if session_id in (None, client.session_id)
        ]

    async def _all_known(self, owner: str) -> None:
        # That the disk can't be read is told there; a page is loaded all the same.
        with suppress(StoreError):
            await self._returned(owner)

    def _raise(self, client: Client, why: str) -> list[ExportJob]:
        before = client.epoch
        client.raise_epoch()
        cancelled = self._cancel_earlier(client, why) if self._cancels else []
        self._log.info(
            "Client %s of session %s: epoch %d is now %d, %d exports cancelled. %s",
            client.id,
            client.session_id,
            before,
            client.epoch,
            len(cancelled),
            why,
        )
        return cancelled

    def _cancel_earlier(self, client: Client, why: str) -> list[ExportJob]:
        jobs = [
            job
            for job in self._exports.of_client(client)
            if job.origin is not None and job.origin.epoch < client.epoch
        ]
        for job in jobs:
            about = {"client_id": client.id, "epoch": client.epoch, "reason": why}
            self._audit(job.session, "export.cancelled", job.id, about)
            self._exports.cancel(job, CancelledSessionChange(why, "Start a new export."))
        return jobs
