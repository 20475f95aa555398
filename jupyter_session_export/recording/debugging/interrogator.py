"""A thread that asks one kernel's debugger what it knows, when it is its turn."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

import zmq

from ..channels import Channels
from .capture import Ask, Capture, info_of
from .client import DebugClient
from .overheard import question
from .pace import BUSY, GivenUp, Pace, Patience
from .turns import Turns

ANSWER_SECONDS = 1.0
MOST_JOBS = 64

MUTE = "the debugger doesn't answer"

Job = Callable[[DebugClient], None]


class Interrogator:
    """Owns the thread and its client; its methods may be called from any thread."""

    def __init__(
        self,
        channels: Channels,
        context: zmq.Context[zmq.Socket[bytes]],
        turns: Turns,
        log: logging.Logger,
    ) -> None:
        self._channels = channels
        self._context = context
        self._turns = turns
        self._log = log
        self._mute = False
        self._patience = Patience()
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._thread = threading.Thread(
            target=self._run, name="session-export-debugger", daemon=True
        )
        self._thread.start()

    def capture(self, stop_id: str, capture: Capture, done: Callable[[], None]) -> None:
        """Have a stop looked at; `done` is called in the thread, also where little came of it."""

        def job(client: DebugClient) -> None:
            try:
                self._interrogate(client, stop_id, capture)
            finally:
                done()

        def refuse() -> None:
            capture.cut(BUSY)
            done()

        self._submit(job, refuse)

    def inform(self, done: Callable[[dict[str, Any] | None], None]) -> None:
        """Ask for debugInfo, after what was asked for before; None where no answer comes."""

        def job(client: DebugClient) -> None:
            info = None
            try:
                if not self._mute:
                    info = client.receive(client.send("debugInfo", {}), ANSWER_SECONDS)
            except TimeoutError:
                self._mute = True
            finally:
                done(info_of(info) if info else None)

        self._submit(job, lambda: done(None))

    def close(self) -> None:
        """End the thread after what it does now: the stop is over, or its kernel is."""
        self._jobs.put(None)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _submit(self, job: Job, refused: Callable[[], None]) -> None:
        if self._jobs.qsize() >= MOST_JOBS:
            refused()
        else:
            self._jobs.put(job)

    def _run(self) -> None:
        with contextlib.closing(DebugClient(self._channels, self._context)) as client:
            while (job := self._jobs.get()) is not None:
                try:
                    job(client)
                except Exception:  # noqa: BLE001  # one stop's failure must not end them all
                    self._log.warning("A debugger could not be asked", exc_info=True)

    def _interrogate(self, client: DebugClient, stop_id: str, capture: Capture) -> None:
        pace = Pace(self._turns, stop_id, self._patience)
        steps = capture.steps()
        given_up = self._mute
        if given_up:
            capture.cut(MUTE)
        with contextlib.suppress(StopIteration):
            ask = next(steps)
            while True:
                answer = None
                try:
                    answer = None if given_up else self._ask_in_turn(client, ask, pace)
                except GivenUp as error:
                    capture.cut(str(error))
                    given_up = True
                # What a page has been told may still tell of a stop that is over.
                ask = steps.send(answer or self._overheard(stop_id, ask) or {})

    def _ask_in_turn(self, client: DebugClient, ask: Ask, pace: Pace) -> dict[str, Any]:
        msg_id = None
        try:
            while msg_id is None:
                if known := self._overheard(pace.stop_id, ask):
                    return known
                pace.wait()
                # The page may have asked the same meanwhile.
                if known := self._overheard(pace.stop_id, ask):
                    return known
                msg_id = self._turns.take(
                    pace.stop_id, lambda: client.send(ask.command, ask.arguments)
                )
            answer = client.receive(msg_id, ANSWER_SECONDS)
        except TimeoutError:
            self._mute = True
            raise GivenUp(MUTE) from None
        pace.answered(ask.command)
        return answer

    def _overheard(self, stop_id: str, ask: Ask) -> dict[str, Any] | None:
        return self._turns.overheard.find(stop_id, question(ask.command, ask.arguments))
