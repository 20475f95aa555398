"""One piece of code for many inputs, in a few sessions at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest, RunFailed, SessionExportError
from .backend import Wanted
from .events import Event
from .order import Order
from .result import FAILED, RunError, RunResult

if TYPE_CHECKING:
    from .engine import Engine
    from .live import LiveSession

MOST_SESSIONS = 4
ITEM = "item"
Told = Callable[[int, int], object]
"""Called with how many inputs are done, and how many there are."""


class Batch:
    """Python code, to be run once for each input. On the event loop of its engine."""

    def __init__(
        self, engine: Engine, wanted: Wanted, code: str, *, setup: str, timeout: float | None
    ) -> None:
        self._engine, self._wanted = engine, wanted
        self._code, self._setup, self._timeout = code, setup, timeout

    async def run(self, inputs: Sequence[Any], most: int, tell: Told) -> list[RunResult]:
        """Return a result for each input, in their order.

        Raises InvalidRequest for inputs that are no JSON, and what stops a session from beginning.
        """
        if most < 1:
            raise InvalidRequest("max_sessions must be at least 1.")
        left = iter(list(enumerate(map(_text, inputs))))
        results: dict[int, RunResult] = {}

        async def work() -> None:
            session: LiveSession | None = None
            try:
                for number, text in left:
                    session = session or await self._begin()
                    results[number] = await self._one(session, text)
                    # Code that had to be stopped by a restart took what `setup` has made along.
                    if session.dead or session.restarts:
                        await self._engine.close(session)
                        session = None
                    tell(len(results), len(inputs))
            finally:
                if session is not None:
                    await self._engine.close(session)

        workers = [asyncio.create_task(work()) for _ in range(min(most, len(inputs)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return [results[number] for number in range(len(inputs))]

    async def _begin(self) -> LiveSession:
        session = await self._engine.create(self._wanted)
        try:
            if self._setup:
                (await self._do(session, self._setup)).require_success()
        except BaseException:
            await self._engine.close(session)
            raise
        return session

    async def _one(self, session: LiveSession, text: str) -> RunResult:
        try:
            binding = f"import json as {ITEM}; {ITEM} = {ITEM}.loads({text!r})"
            reply = await session.link.execute(binding, silent=True, store_history=False)
            if reply.status != "ok":
                raise RunFailed("The input can't be handed to the kernel.", session.id)
            return await self._do(session, self._code)
        except SessionExportError as error:
            told = RunError(error.code, " ".join(filter(None, (error.message, error.detail))))
            return RunResult(session_id=session.id, number=0, error=told, exit_code=FAILED)

    async def _do(self, session: LiveSession, code: str) -> RunResult:
        return await session.run(Order(code=code, timeout=self._timeout), _ignore)


def _text(value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as error:
        raise InvalidRequest("An input is no JSON.", str(error)) from error


def _ignore(_: Event) -> None:
    """Nobody follows the runs of a batch."""
