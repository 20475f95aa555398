"""The calls: one method for each route that a kernel or the command line needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpx

from ..errors import ServerRefused, ServerUnreachable
from .access import Access
from .failures import refuse, translated
from .job import PREPARING, READY, Job, Progress, Request
from .transport import connect

POLL_SECONDS = 0.25
FIRST_POLL_SECONDS = 0.02
CANCEL_TIMEOUT = QUEUE_TIMEOUT = 5.0
PURGE_TIMEOUT = 300.0
"""What is left of a large record is written anew."""
RESTORE_TIMEOUT = 300.0


class SessionExportClient:
    """Calls the routes under `session-export/api/` of one server.

    Every call raises ServerUnreachable where no server answers in time, and
    ServerRefused, with the server's own code, where it says no. `wait` is
    what passes the time between two polls.
    """

    def __init__(self, access: Access, wait: Callable[[float], object] = time.sleep) -> None:
        self._access = access
        self._wait = wait
        self._http = connect(access)

    def __enter__(self) -> SessionExportClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where the server is, as it says itself."""
        return self._access.url

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def session(self) -> dict[str, Any]:
        """Return the session that the key belongs to: id, number, owner, recording …"""
        return self._call("GET", "session")

    def stats(self) -> dict[str, Any]:
        """Return counts, bytes and times of the session."""
        return self._call("GET", "session/stats")

    def insights(self, kernel_id: str) -> dict[str, Any]:
        """Return where the session's time went, and what other kernels than this one ran."""
        return self._call("GET", "session/insights", params={"kernel_id": kernel_id})

    def queue(self, kernel_id: str) -> dict[str, Any]:
        """Return whether the session is recorded, and what waits for a kernel."""
        params = {"kernel_id": kernel_id}
        return self._call("GET", "session/queue", params=params, timeout=QUEUE_TIMEOUT)

    def clients(self) -> dict[str, Any]:
        """Return the session's clients, and the threads of its owner's exports."""
        return self._call("GET", "clients")

    def exports(self) -> dict[str, Any]:
        """Return the session's newest exports."""
        return self._call("GET", "exports")

    def set_recording(self, state: str, notebook: str | None = None) -> dict[str, Any]:
        """Pause the session's recording ("paused") or resume it ("on"); return how it stands.

        With a notebook it is about what that runs only.
        """
        body = {"state": state} if notebook is None else {"state": state, "notebook": notebook}
        answer = self._call("POST", "session/recording", json=body)
        return dict(answer["recording"])

    def purge(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """Take back what was recorded; return what was removed.

        `scope` is one of `{"scope": "all"}`, `notebook`, `execution`, `since`.
        """
        return self._call("DELETE", "session/records", params=scope, timeout=PURGE_TIMEOUT)

    def restore(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Have recorded results written into a notebook; return what became of each cell.

        `request` has `path`, and may have `kernel`, `force`, `dry_run` and `undo`.
        """
        return self._call("POST", "session/cells/restore", json=request, timeout=RESTORE_TIMEOUT)

    def create_export(self, request: Request) -> Job:
        """Make a job; without a session in the request it is the key's own."""
        body = {"session_id": self._access.session_id, **request.to_json()}
        return self._job("POST", "exports", json=body)

    def export(self, export_id: str) -> Job:
        """Return how a job stands."""
        return self._job("GET", f"exports/{export_id}")

    def cancel(self, export_id: str) -> None:
        """Cancel a job, whatever its state."""
        self._send("DELETE", f"exports/{export_id}", timeout=CANCEL_TIMEOUT)

    def abandon(self, export_id: str) -> None:
        """Cancel a job if that can still be done: for use when something went wrong already."""
        with suppress(ServerUnreachable, ServerRefused):
            self.cancel(export_id)

    def follow(self, job: Job) -> Iterator[Job]:
        """Yield the job at most four times a second until it is ready.

        Raises ServerRefused with the job's own error where it ended in another way.
        """
        pause = FIRST_POLL_SECONDS
        yield job
        while job.state == PREPARING:
            self._wait(pause)
            pause = min(POLL_SECONDS, pause * 2)
            job = self.export(job.id)
            yield job
        _refuse_ended(job)

    def download(self, job: Job, write: Callable[[bytes], object]) -> Iterator[Progress]:
        """Hand a ready job's ZIP to `write`, yielding how far it is after each chunk."""
        started, received = time.monotonic(), 0
        try:
            with (
                translated(self._access.url),
                self._http.stream("GET", f"exports/{job.id}/download") as response,
            ):
                refuse(response)
                for chunk in response.iter_raw():
                    write(chunk)
                    received += len(chunk)
                    yield _transferred(received, job.bytes or 0, time.monotonic() - started)
        except ServerUnreachable:
            # A transfer that the server broke off has its reason in the job.
            _refuse_ended(self.export(job.id))
            raise

    def fetch(self, route: str, write: Callable[[bytes], object]) -> None:
        """Hand what a route downloads to `write`, chunk by chunk."""
        with translated(self._access.url), self._http.stream("GET", route) as response:
            refuse(response)
            for chunk in response.iter_raw():
                write(chunk)

    def _job(self, method: str, route: str, **options: Any) -> Job:
        with translated(self._access.url):
            return Job.from_json(self._send(method, route, **options).json())

    def _call(self, method: str, route: str, **options: Any) -> dict[str, Any]:
        with translated(self._access.url):
            return dict(self._send(method, route, **options).json())

    def _send(self, method: str, route: str, **options: Any) -> httpx.Response:
        with translated(self._access.url):
            response = self._http.request(method, route, **options)
            refuse(response)
            return response


def _refuse_ended(job: Job) -> None:
    if job.state in (PREPARING, READY):
        return
    error = job.error
    if error is None:
        raise ServerRefused(f"The export ended as {job.state}, without a ZIP.", "Ask for it again.")
    raise ServerRefused(error.message, error.detail, error.code)


def _transferred(received: int, total: int, elapsed: float) -> Progress:
    share = received / total if total else 0.0
    return Progress(
        stage="downloading",
        percent=min(100.0, round(100 * share, 1)),
        bytes_done=received,
        bytes_total=total,
        elapsed=elapsed,
        remaining=elapsed * (1 - share) / share if 0 < share <= 1 else None,
    )
