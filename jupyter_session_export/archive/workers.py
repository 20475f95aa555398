"""Threads that compress ahead. Each archive has its own, and joins them when it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial
from queue import SimpleQueue
from time import monotonic
from traceback import clear_frames
from typing import TypeVar

from .hanging import HANGING, WHOSE

T = TypeVar("T")
Task = Callable[[], None]
JOIN_SECONDS = 0.5
"""How long threads are waited for at the end; cancelled exports are gone within a second."""
GLANCE_SECONDS = 0.05


def never() -> None:
    """The check of an archive that nothing cancels."""


def fulfil(future: Future[T], work: Callable[[], T]) -> None:
    """Do some work for whoever waits for it."""
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
        # Or whoever keeps the error would keep what was at hand where it arose.
        clear_frames(error.__traceback__)
        future.set_exception(error)


class Workers:
    """Up to `count` daemon threads, started when there is work for them."""

    def __init__(self, count: int, check: Callable[[], None] = never) -> None:
        self._count = max(1, count)
        self._check = check
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()
        self._given_up_at = 0.0
        self._whose = WHOSE.get()

    @property
    def count(self) -> int:
        return self._count

    def run(self, task: Task) -> None:
        """Have a thread run a task, which sees to its own errors."""
        if len(self._threads) < self._count:
            self._start()
        self._tasks.put(task)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have a thread do some work."""
        future: Future[T] = Future()

        self.run(partial(fulfil, future, work))
        return future

    def result(self, future: Future[T], look: Callable[[], None] = never) -> T:
        """Wait for a result, with a look now and then; the archive's check may raise meanwhile."""
        while not future.done():
            self._check()
            look()
            wait((future,), GLANCE_SECONDS)
        return future.result()

    def stop(self) -> None:
        """Drop what was not begun."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._given_up_at = monotonic() + JOIN_SECONDS

    def close(self) -> int:
        """Stop and join the threads; return how many hang, which are given up.

        More than once does no harm.
        """
        self.stop()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(max(0.0, self._given_up_at - monotonic()))
        stuck = [thread for thread in self._threads if thread.is_alive()]
        for thread in stuck:
            HANGING.add(thread, self._whose)
        self._threads.clear()
        return len(stuck)

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name="session-export-pack", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if not self._stopped.is_set():
                task()
            del task  # an idle thread must not hold on to content
