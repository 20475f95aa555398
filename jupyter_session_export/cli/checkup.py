"""`jupyter session-export doctor` without a file: how the running servers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..client.client import SessionExportClient
from ..client.wording import problem_line, size
from ..errors import SessionExportError
from ..records.session import Session
from ..store.catalog import Catalog
from .live import live_client
from .screen import Screen

CHECKS = (SessionExportClient.clients, SessionExportClient.exports)
"""What each server is asked; the answers are put together."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What the server that writes a session says, or why it doesn't."""

    session: Session
    url: str
    said: dict[str, Any]
    problem: SessionExportError | None = None

    @property
    def is_well(self) -> bool:
        return self.problem is None and not self._workers.get("hanging")

    @property
    def _workers(self) -> dict[str, Any]:
        workers: dict[str, Any] = self.said.get("workers", {})
        return workers

    def to_json(self) -> dict[str, Any]:
        problem = None if self.problem is None else self.problem.as_dict()
        about = {"session_id": self.session.id, "session": self.session.number, "url": self.url}
        return {**about, "well": self.is_well, "problem": problem, **self.said}

    def lines(self) -> Iterator[str]:
        yield f"Session{self.session.number} at {self.url}"
        if self.problem is not None:
            yield f"    {problem_line(self.problem)}"
            return
        yield from self._clients()
        yield from self._exports()
        yield from self._threads()

    def _clients(self) -> Iterator[str]:
        clients = self.said["clients"]
        yield f"    clients: {len(clients)}"
        for client in clients:
            at = client["raised_at"] or "no page load seen"
            yield (
                f"        {client['client_id']}: epoch {client['epoch']} ({at}), "
                f"{client['exports']} exports"
            )

    def _exports(self) -> Iterator[str]:
        running = [job for job in self.said["exports"] if job["state"] == "preparing"]
        sending = [job for job in self.said["exports"] if job["downloads"]]
        yield f"    exports: {len(running)} preparing, {len(sending)} being downloaded"
        for job in running:
            progress = job["progress"]
            rate = progress["bytes_per_second"]
            speed = "" if rate is None else f", {size(rate)}/s"
            yield f"        {job['id']}: {progress['stage']}, {progress['percent']:g} %{speed}"

    def _threads(self) -> Iterator[str]:
        workers = self._workers
        yield (
            f"    threads: {workers['preparing']} prepare, {workers['sending']} send, "
            f"{workers['waiting']} exports wait for one"
        )
        hanging = workers["hanging"]
        yield f"    hanging: {len(hanging)} of at most {workers['most_hanging']}"
        for thread in hanging:
            yield f"        since {thread['since']} at {thread['place']}"


def check_up(catalog: Catalog, sessions: Sequence[Session], screen: Screen) -> int:
    """Write how the servers of these sessions are; return 1 where one isn't well."""
    found = [each for session in sessions if (each := _ask(catalog, session)) is not None]
    if screen.json:
        screen.document({"servers": [each.to_json() for each in found]})
    else:
        for each in found:
            for line in each.lines():
                screen.line(line)
        if not found:
            screen.line("No server is running that writes one of these sessions.")
    return 0 if all(each.is_well for each in found) else 1


def _ask(catalog: Catalog, session: Session) -> Checkup | None:
    client = live_client(catalog, session)
    if client is None:
        return None
    with client:
        try:
            said = _said(client)
        except SessionExportError as error:
            return Checkup(session, client.url, {}, error)
        return Checkup(session, client.url, said)


def _said(client: SessionExportClient) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for check in CHECKS:
        said.update(check(client))
    return said
