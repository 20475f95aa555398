"""A session that lives: its kernel, its time, its runs one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from ..client.delivery import Delivered
from ..client.destination import Destination
from ..client.job import Progress as ExportProgress
from ..client.job import Request
from ..errors import SessionClosed
from ..records.finding import Finding
from ..records.timing import UPLOADING
from ..stopwatch import Stopwatch
from .attempts import Attempts
from .backend import Place, SessionFiles, Wanted
from .control import Control
from .events import Finished
from .life import Life
from .link import KernelLink
from .order import Order
from .pausing import Pausing
from .provisions import Provisions
from .result import RunResult
from .runs import Runs
from .standing import DEAD, Standing
from .status import SessionStatus
from .telling import Emit, Telling
from .transfers import Downloads, Uploads
from .turns import Turns

CLOSED_BY_USER = "The session is closed."


class LiveSession:
    """All of it runs on one event loop. Of several runs each waits for its turn.

    `most_waiting` is how many may do so; None is without end.
    """

    def __init__(
        self,
        place: Place,
        wanted: Wanted,
        *,
        most_waiting: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.place, self.wanted = place, wanted
        self._life, self._clock = Life.begin(wanted.lifetime, clock()), clock
        self._provisions = Provisions(place.ground)
        self._pausing = Pausing(place, self._provisions)
        self._standing = Standing(place, self._pausing, self._life, clock, most_waiting)
        self._turns = Turns(self._standing, self._pausing, clock)
        attempts = Attempts(place, self._pausing, clock)
        self._runs = Runs(place, self._provisions, attempts, self._standing, clock)
        self.control = Control(place, self._turns, self._runs.account)

    @property
    def id(self) -> str:
        return self.place.id

    @property
    def files(self) -> SessionFiles:
        """Its files."""
        return self.place.files

    @property
    def link(self) -> KernelLink:
        """Its kernel as it is now. Raises SessionClosed."""
        return self.place.link

    @property
    def waiting(self) -> int:
        """How many runs and the like there are: one that goes on, and those that wait for it."""
        return self._standing.waiting

    @property
    def restarts(self) -> int:
        """How often its kernel was started anew, each time without variables."""
        return self._pausing.restarts

    @property
    def state(self) -> str:
        """How it stands, in a word."""
        return self._standing.word

    @property
    def dead(self) -> bool:
        """Whether its kernel has ended unasked."""
        return self.state == DEAD

    @property
    def closed(self) -> bool:
        return self._standing.closed

    @property
    def expires_at(self) -> datetime | None:
        """When its time is, or was, over; None is without end."""
        return self._standing.end()[0]

    async def run(self, order: Order, emit: Emit, watch: Stopwatch | None = None) -> RunResult:
        """Run code; what fails in it is told by the result.

        To be cancelled interrupts the code. Raises SessionClosed, KernelDied where the kernel
        was dead before, TooManyRuns, and what files raise.
        """
        tell = Telling(watch or Stopwatch(UPLOADING), emit)
        async with self._turns.awake():
            result = await self._runs.carry_out(order, emit, tell)
        emit(Finished(result))
        return result

    async def prepare(self) -> None:
        """Install the packages and send the files that it was begun with."""
        if self.wanted.packages or self.wanted.files:
            async with self._turns.awake():
                await self._runs.transfers.upload(self.wanted.files, self.files, _untold)
                await self._provisions.add(self.wanted.packages, self.link, _unheard)

    def keep_alive(self, seconds: float | None = None) -> None:
        """Have it live at least so long from now on, by default its lifetime."""
        self._standing.require_open()
        self._life.extend(self._life.lifetime if seconds is None else seconds, self._clock())

    def look(self) -> bool:
        """Renew what runs in time; tell whether the session is over: its time, or its kernel."""
        return self._standing.look()

    async def status(self) -> SessionStatus:
        """Tell how it stands."""
        await self._standing.find_out()
        known, runs = self.place.known, self._runs
        expires_at, remaining = self._standing.end()
        living = not (self.closed or self.dead)
        sample = runs.meter.sample(self.link) if living else None
        return SessionStatus(
            id=self.id,
            name=known.name,
            status=self.state,
            language=known.language,
            created_at=known.created_at,
            expires_at=expires_at,
            remaining=remaining,
            runs=runs.account.count,
            cost=runs.account.total,
            cpu_seconds=None if sample is None else sample.cpu_ms / 1000,
            memory_bytes=None if sample is None else sample.rss_bytes,
            installed_packages=await asyncio.to_thread(self._provisions.installed),
            uploaded_files=tuple(runs.transfers.uploaded),
        )

    async def upload(self, files: Uploads) -> list[str]:
        """Send files whose content it doesn't have; return the paths of those sent."""
        self._standing.require_open()
        return await self._runs.transfers.upload(files, self.files, _untold)

    def note_upload(self, path: str, sha256: str) -> None:
        """Note that a file was written into it by other means."""
        self._runs.transfers.uploaded[path] = sha256

    async def download(self, files: Downloads) -> dict[str, Path]:
        """Fetch files, also after the kernel has died; return where each is now."""
        self._standing.require_open()
        return await self._runs.transfers.download(files, self.files, _untold)

    def awake_link(self) -> KernelLink:
        """Return its kernel for clients of their own. Raises SessionClosed, KernelDied."""
        self._standing.require_alive()
        if self._pausing.suspended:
            raise SessionClosed("The session is suspended, and has no kernel.", "Resume it first.")
        return self.link

    def insights(self) -> tuple[Finding, ...]:
        """Return what is to be said of all runs so far."""
        return self._runs.account.findings()

    async def export(
        self,
        request: Request,
        destination: Destination,
        report: Callable[[ExportProgress], object],
    ) -> Delivered:
        """Write the ZIP of what was recorded; also after the session was closed."""
        return await self.place.export(request, destination, report)

    async def close(self, why: str = CLOSED_BY_USER) -> None:
        """End it; what runs ends with it."""
        await self._end(why, self.place.close())

    async def abandon(self) -> None:
        """End it before anybody has it, and leave nothing of it."""
        await self._end(CLOSED_BY_USER, self.place.abandon())

    async def _end(self, why: str, ending: Coroutine[Any, Any, None]) -> None:
        self._standing.close(why)
        try:
            await ending
        finally:
            self._provisions.release()


def _unheard(line: str) -> None:
    """Nobody asked what the installer says."""


def _untold(path: str, percent: float) -> None:
    """Nobody asked how far it is."""
