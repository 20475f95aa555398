"""The runs of a session: each from its files to its result, and counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from ..errors import KernelDied, SessionClosed
from ..records.timing import COMPLETED, DOWNLOADING, EXECUTING, FAILED, INSTALLING, UPLOADING
from .accounting import Account, Meter, Ran
from .attempts import Attempts
from .backend import Place
from .ending import Ended, by_death
from .gathering import Gathering, last_text
from .order import Order
from .provisions import Provisions
from .result import Cost, RunResult
from .standing import Standing
from .telling import Emit, Telling
from .transfers import Transfers


class Runs:
    """Of one session, one at a time."""

    def __init__(
        self,
        place: Place,
        provisions: Provisions,
        attempts: Attempts,
        standing: Standing,
        clock: Callable[[], float],
    ) -> None:
        self.transfers = Transfers()
        self.account = Account()
        self.meter = Meter()
        self.begun = False
        """Whether any code was given to the kernel."""
        self._place, self._provisions = place, provisions
        self._attempts, self._standing, self._clock = attempts, standing, clock

    async def carry_out(self, order: Order, emit: Emit, tell: Telling) -> RunResult:
        """Go through all stages of a run."""
        await self._prepare(order, tell)
        tell.stage(EXECUTING)
        heard = Gathering(emit, order.most_bytes)
        ran, ended, cost = await self._execute(order, heard)
        files = {}
        if order.download_files and ended.error is None:
            tell.stage(DOWNLOADING)
            files = await self.transfers.download(
                order.download_files, self._place.files, tell.file
            )
        tell.end(FAILED if ended.error else COMPLETED)
        outputs = heard.outputs()
        return RunResult(
            session_id=self._place.id,
            number=ran.number,
            text=last_text(outputs),
            stdout=heard.stream("stdout"),
            stderr=heard.stream("stderr"),
            outputs=outputs,
            error=ended.error,
            exit_code=ended.exit_code,
            execution_count=ended.execution_count,
            files=files,
            timing=tell.watch.timing(),
            cost=cost,
            left_out=heard.left_out,
            look=partial(self.account.findings, ran.number),
        )

    async def _prepare(self, order: Order, tell: Telling) -> None:
        if order.files:
            tell.stage(UPLOADING)
            await self.transfers.upload(order.files, self._place.files, tell.file)
        if order.packages:
            tell.stage(INSTALLING)
            await self._provisions.add(order.packages, self._place.link, tell.line)

    async def _execute(self, order: Order, heard: Gathering) -> tuple[Ran, Ended, Cost]:
        """Run the code, and count it."""
        link, started, self.begun = self._place.link, time.time(), True
        before, began = self.meter.begin(link), self._clock()
        ended = await self._end_of(order, heard)
        seconds = self._clock() - began
        cost = self.meter.cost(link, before, heard, seconds)
        ran = Ran(
            number=self.account.count + 1,
            code=order.code,
            started=started,
            seconds=seconds,
            error=None if ended.error is None else ended.error.name,
            exit_code=ended.exit_code,
        )
        self.account.add(ran, link, heard, cost)
        return ran, ended, cost

    async def _end_of(self, order: Order, heard: Gathering) -> Ended:
        try:
            return await self._attempts.carry_out(order, heard)
        except KernelDied as died:
            if self._standing.closed:
                raise SessionClosed(
                    "The session was closed while it ran something.", "Begin another one."
                ) from died
            return by_death(died)
