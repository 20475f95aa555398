"""A session that lives: its kernel, its time, its runs one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..client.delivery import Delivered
from ..client.destination import Destination
from ..client.job import Progress as ExportProgress
from ..client.job import Request
from ..errors import InvalidRequest, KernelDied, SessionClosed
from ..records.finding import Finding
from ..records.times import now
from ..records.timing import COMPLETED, DOWNLOADING, EXECUTING, FAILED, INSTALLING, UPLOADING
from ..stopwatch import Stopwatch
from .accounting import Account, Meter, Ran
from .attempts import Attempts
from .backend import Place, SessionFiles, Wanted
from .ending import Ended, by_death
from .events import Finished
from .gathering import Gathering, last_text
from .kernel_client import client_of
from .life import Life
from .link import KernelLink
from .order import Order
from .pausing import FREEZE, SUSPEND, Pausing
from .provisions import Provisions
from .result import RunResult
from .state import Lost, State
from .status import SessionStatus
from .telling import Emit, Telling
from .transfers import Downloads, Transfers, Uploads

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

IDLE, BUSY, DEAD, CLOSED = "idle", "busy", "dead", "closed"


class LiveSession:
    """All of it runs on one event loop. Of several runs each waits for its turn."""

    def __init__(
        self, place: Place, wanted: Wanted, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.place, self.wanted = place, wanted
        self.transfers = Transfers()
        self.account = Account()
        self._meter = Meter()
        self._clock = clock
        self._life = Life.begin(wanted.lifetime, clock())
        self._provisions = Provisions(place.ground)
        self._pausing = Pausing(place, self._provisions)
        self._attempts = Attempts(place, self._pausing, clock)
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._state = IDLE

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
    def busy(self) -> bool:
        """Whether something runs or waits for its turn."""
        return self._waiting > 0

    @property
    def waiting(self) -> int:
        """How many runs and the like there are: one that goes on, and those that wait for it."""
        return self._waiting

    @property
    def state(self) -> str:
        """How it stands, in a word."""
        return CLOSED if self.closed else self._pausing.state or self._state

    @property
    def dead(self) -> bool:
        """Whether its kernel has ended unasked."""
        return self._state == DEAD

    @property
    def closed(self) -> bool:
        return self._state == CLOSED

    @property
    def expires_at(self) -> datetime | None:
        """When its time is over; None is without end."""
        remaining = self._life.remaining(self._clock())
        return None if remaining is None else now() + timedelta(seconds=remaining)

    async def run(self, order: Order, emit: Emit, watch: Stopwatch | None = None) -> RunResult:
        """Run code; what fails in it is told by the result.

        To be cancelled interrupts the code. Raises SessionClosed, KernelDied where the kernel
        was dead before, and what files raise.
        """
        self._require_open()
        watch = watch or Stopwatch(UPLOADING)
        tell = Telling(watch, emit)
        async with self._own_turn():
            self._require_open()
            await self._pausing.wake()
            self._state = BUSY
            result = await self._run(order, emit, tell)
        emit(Finished(result))
        return result

    async def prepare(self) -> None:
        """Install the packages and send the files that it was begun with."""
        if self.wanted.packages or self.wanted.files:
            async with self._own_turn():
                await self.transfers.upload(self.wanted.files, self.files, _untold)
                await self._provisions.add(self.wanted.packages, self.link, _unheard)

    async def pause(self, how: str = FREEZE) -> State | None:
        """Freeze the kernel at once, in the middle of a run, too; or suspend it after that.

        Suspended, its variables are on disk, as the state says, and its memory is free. Raises
        InvalidRequest, NotSupported, StoreUnavailable; then it goes on as it was.
        """
        self._require_open()
        if how not in (FREEZE, SUSPEND):
            raise InvalidRequest(f"A session can be paused by {FREEZE!r} or {SUSPEND!r}.")
        if how == FREEZE:
            await self._pausing.freeze(self._clock())
            return None
        async with self._own_turn():
            self._require_open()
            await self._pausing.wake()
            return await self._pausing.suspend(self.account.history())

    async def resume(self) -> tuple[Lost, ...]:
        """Go on after a pause, as `run` does by itself; return what could not be given back."""
        self._require_open()
        async with self._own_turn(wait=self._pausing.suspended):
            return await self._pausing.wake()

    async def snapshot(self, name: str) -> State:
        """Keep the variables under a name; what runs ends before."""
        self._require_open()
        async with self._own_turn():
            self._require_open()
            await self._pausing.wake()
            return await self._pausing.snapshot(name, self.account.history())

    async def restore(self, name: str) -> tuple[Lost, ...]:
        """Have the variables of a snapshot instead of the present ones.

        Returns those that could not be given. Raises StateNotFound, StateRefused.
        """
        if self.closed:
            self._require_open()
        async with self._own_turn():
            lost = await self._pausing.restore(name)
            self._state = IDLE
            return lost

    def snapshots(self) -> list[str]:
        """Return the snapshots' names."""
        return self._pausing.snapshots()

    @asynccontextmanager
    async def _own_turn(self, *, wait: bool = True) -> AsyncIterator[None]:
        """Have the kernel awake and, if one waits for it, to oneself."""
        self._waiting += 1
        self._life.use(self._clock())
        try:
            await self._pausing.thaw(self._clock())
            async with self._turn if wait else nullcontext():
                yield
        finally:
            self._waiting -= 1
            if self._state == BUSY and not self.busy:
                self._state = IDLE
            self._life.use(self._clock())

    async def interrupt(self) -> None:
        """Interrupt what runs; its run ends with a KeyboardInterrupt."""
        self._require_open()
        await self._pausing.thaw(self._clock())
        await self.link.interrupt()

    async def restart(self) -> None:
        """Start the kernel anew, without its variables."""
        if self.closed:
            raise SessionClosed("The session is closed.", "Begin another one.")
        await self._pausing.restart()
        self._state = IDLE

    def keep_alive(self, seconds: float | None = None) -> None:
        """Have it live at least so long from now on, by default its lifetime."""
        self._require_open()
        self._life.extend(self._life.lifetime if seconds is None else seconds, self._clock())

    def look(self) -> bool:
        """Renew what runs in time; tell whether the session is over: its time, or its kernel."""
        if self._pausing.suspended:
            # It takes nothing but room on the disk.
            return False
        if self.place.gone and not self.busy:
            return True
        step = self._life.step(self._clock(), busy=self.busy)
        if step == "renew":
            self._life.use(self._clock())
        return step == "close"

    async def status(self) -> SessionStatus:
        """Tell how it stands."""
        await self._notice_death()
        known, remaining = self.place.known, self._life.remaining(self._clock())
        sample = None if self.closed else self._meter.sample(self.link)
        return SessionStatus(
            id=self.id,
            name=known.name,
            status=self.state,
            language=known.language,
            created_at=known.created_at,
            expires_at=self.expires_at,
            remaining=remaining,
            runs=self.account.count,
            cost=self.account.total,
            cpu_seconds=None if sample is None else sample.cpu_ms / 1000,
            memory_bytes=None if sample is None else sample.rss_bytes,
            installed_packages=await asyncio.to_thread(self._provisions.installed),
            uploaded_files=tuple(self.transfers.uploaded),
        )

    async def _notice_death(self) -> None:
        """See whether a kernel of this machine has ended while nothing ran."""
        at_rest = self.state == IDLE and not self.busy and self.place.ground is not None
        if at_rest and not await self.link.is_alive() and self.state == IDLE and not self.busy:
            self._state = DEAD

    async def upload(self, files: Uploads) -> list[str]:
        """Send files whose content it doesn't have; return the paths of those sent."""
        self._require_open()
        return await self.transfers.upload(files, self.files, _untold)

    async def download(self, files: Downloads) -> dict[str, Path]:
        """Fetch files; return where each is now."""
        self._require_open()
        return await self.transfers.download(files, self.files, _untold)

    def kernel_client(self) -> BlockingKernelClient:
        """Return a client of the kernel. Raises NotSupported where it has no channels here."""
        self._require_open()
        if self._pausing.suspended:
            raise SessionClosed("The session is suspended, and has no kernel.", "Resume it first.")
        return client_of(self.link)

    def insights(self) -> tuple[Finding, ...]:
        """Return what is to be said of all runs so far."""
        return self.account.findings()

    async def export(
        self,
        request: Request,
        destination: Destination,
        report: Callable[[ExportProgress], object],
    ) -> Delivered:
        """Write the ZIP of what was recorded; also after the session was closed."""
        return await self.place.export(request, destination, report)

    async def close(self) -> None:
        """End it; what runs ends with it."""
        self._state = CLOSED
        await self.place.close()
        self._provisions.release()

    async def abandon(self) -> None:
        """End it before anybody has it, and leave nothing of it."""
        self._state = CLOSED
        await self.place.abandon()
        self._provisions.release()

    async def _run(self, order: Order, emit: Emit, tell: Telling) -> RunResult:
        if order.files:
            tell.stage(UPLOADING)
            await self.transfers.upload(order.files, self.files, tell.file)
        if order.packages:
            tell.stage(INSTALLING)
            await self._provisions.add(order.packages, self.link, tell.line)
        tell.stage(EXECUTING)
        heard = Gathering(emit, order.most_bytes)
        before, started = self._meter.begin(self.link), time.time()
        began = self._clock()
        ended = await self._execute(order, heard)
        error = ended.error
        seconds = self._clock() - began
        cost = self._meter.cost(self.link, before, heard, seconds)
        ran = Ran(
            number=self.account.count + 1,
            code=order.code,
            started=started,
            seconds=seconds,
            error=None if error is None else error.name,
            exit_code=ended.exit_code,
        )
        self.account.add(ran, self.link, heard, cost)
        files = {}
        if order.download_files and error is None:
            tell.stage(DOWNLOADING)
            files = await self.transfers.download(order.download_files, self.files, tell.file)
        tell.end(FAILED if error else COMPLETED)
        outputs = heard.outputs()
        return RunResult(
            session_id=self.id,
            number=ran.number,
            text=last_text(outputs),
            stdout=heard.stream("stdout"),
            stderr=heard.stream("stderr"),
            outputs=outputs,
            error=error,
            exit_code=ended.exit_code,
            execution_count=ended.execution_count,
            files=files,
            timing=tell.watch.timing(),
            cost=cost,
            left_out=heard.left_out,
            look=partial(self.account.findings, ran.number),
        )

    async def _execute(self, order: Order, heard: Gathering) -> Ended:
        try:
            return await self._attempts.carry_out(order, heard)
        except KernelDied as died:
            if self.closed:
                raise SessionClosed("The session was closed while it ran something.") from died
            self._state = DEAD
            return by_death(died)

    def _require_open(self) -> None:
        if self.closed:
            raise SessionClosed("The session is closed.", "Begin another one.")
        if self._state == DEAD:
            raise KernelDied(
                "The session's kernel has died.", "restart() starts it anew, without variables."
            )


def _unheard(line: str) -> None:
    """Nobody asked what the installer says."""


def _untold(path: str, percent: float) -> None:
    """Nobody asked how far it is."""
