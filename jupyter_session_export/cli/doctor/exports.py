"""How the servers that write sessions are: their pages, exports and threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...client.client import SessionExportClient
from ...client.wording import counted, problem_line, size
from ...errors import SessionExportError, StoreError
from ...records.session import Session
from ...store.catalog import Catalog
from ..live import live_client
from .finding import Finding, found

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
        return self.problem is None and not self.hanging

    @property
    def hanging(self) -> list[dict[str, Any]]:
        """The threads that don't come back, each with its `place`."""
        return list(self._workers.get("hanging", []))

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
                f"{counted(client['exports'], 'export')}"
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
            f"{counted(workers['waiting'], 'export')} waiting for one"
        )
        hanging = workers["hanging"]
        yield f"    hanging: {len(hanging)} of at most {workers['most_hanging']}"
        for thread in hanging:
            yield f"        since {thread['since']} at {thread['place']}"


def check_up(catalog: Catalog, sessions: Sequence[Session] | None = None) -> list[Checkup]:
    """Ask the servers that write these sessions, or any; none where they can't be listed."""
    try:
        known = catalog.sessions() if sessions is None else sessions
    except StoreError:
        # That is found by another examination.
        return []
    return [each for session in known if (each := _ask(catalog, session)) is not None]


def judge_checkups(checkups: Sequence[Checkup]) -> Iterator[Finding]:
    """Tell of threads that hang, and of servers that don't answer."""
    for each in checkups:
        number = each.session.number
        if each.problem is not None:
            yield found(
                "SERVER_SILENT",
                f"The server of Session{number} does not say how it is: {each.problem.message}",
                "jupyter server list",
                **each.to_json(),
            )
        elif hanging := each.hanging:
            yield found(
                "EXPORTS_HANG",
                f"Of Session{number}'s exports {counted(len(hanging), 'thread')} can't go on, the "
                f"first since {hanging[0]['since']} at {hanging[0]['place']}.",
                _waking(hanging[0]["place"]),
                hanging=hanging,
            )


def _waking(place: str) -> str:
    """Return what ends the waiting at a place, which is a line of code and mostly a path."""
    path = place.partition(": ")[2]
    what = f"Bring back the disk that holds {path}" if path else "See what that server waits for"
    return f"{what}, or end that server"


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
