"""Threads that work for several owners in turn; one that hangs is given up, and counted.

Python would wait at its exit for the threads of a ThreadPoolExecutor, also for those that hang.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from queue import Empty, SimpleQueue
from traceback import clear_frames
from typing import Any, TypeVar

from ..archive.hanging import HANGING, WHOSE

T = TypeVar("T")
IDLE_SECONDS = 0.1
"""A thread that has had nothing to do for so long ends: nothing is left of an export."""


def let_go(error: BaseException) -> None:
    """Have an error not hold on to what was at hand where it arose.

    Whoever keeps a future keeps its error, and so all of its frames: files that
    were open in them would stay open until the next garbage collection.
    """
    seen: BaseException | None = error
    while seen is not None:
        clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__


class Task:
    """Some work for somebody, and the thread that does it."""

    def __init__(self, whose: str, work: Callable[[], Any], future: Future[Any]) -> None:
        self.whose = whose
        self.future = future
        self.thread: threading.Thread | None = None
        self._work: Callable[[], Any] | None = work

    def run(self) -> None:
        """Do it, unless it was cancelled before it began."""
        work, self._work = self._work, None
        if work is None or not self.future.set_running_or_notify_cancel():
            return
        WHOSE.set(self.whose)
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # handed to whoever waits for it
            let_go(error)
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class Crew:
    """Up to `most` daemon threads, started when there is work for them. Any thread may call.

    Whoever has the fewest at work comes next. The last `reserved` threads work
    only for somebody who has none, so that nobody waits for another's long work
    alone.
    """

    def __init__(self, most: int, name: str, *, reserved: int = 0) -> None:
        self._most = most
        self._name = name
        self._reserved = reserved
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Task]] = {}
        self._working: Counter[str] = Counter()
        self._tasks: dict[Future[Any], Task] = {}
        self._begun: SimpleQueue[Task | None] = SimpleQueue()
        self._idle = 0
        self._closed = False

    @property
    def working(self) -> int:
        """How many threads are at work, but for those that were given up."""
        with self._lock:
            return self._working.total()

    @property
    def waiting(self) -> int:
        """How much work has not begun yet."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    def submit(self, whose: str, work: Callable[[], T]) -> Future[T]:
        """Have a thread do some work."""
        future: Future[T] = Future()
        task = Task(whose, work, future)
        with self._lock:
            self._waiting.setdefault(whose, deque()).append(task)
            self._tasks[future] = task
            self._dispatch()
        future.add_done_callback(self._forget_cancelled)
        return future

    def give_up(self, future: Future[Any]) -> None:
        """Wait no more for some work: its thread hangs, and another may take its place."""
        if future.cancel():
            return
        with self._lock:
            task = self._tasks.pop(future, None)
            if task is None or task.thread is None:
                return
            HANGING.add(task.thread, task.whose)
            self._leave(task)

    def close(self) -> None:
        """Drop what was not begun, and let threads end as soon as they have nothing to do."""
        with self._lock:
            self._closed = True
            dropped = [task for tasks in self._waiting.values() for task in tasks]
            self._waiting.clear()
            for _ in range(self._idle):
                self._begun.put(None)
            self._idle = 0
            for task in dropped:
                del self._tasks[task.future]
        for task in dropped:
            task.future.cancel()

    def _forget_cancelled(self, future: Future[Any]) -> None:
        """Have what is cancelled while it waits wait no more."""
        if not future.cancelled():
            return
        with self._lock:
            task = self._tasks.get(future)
            tasks = self._waiting.get(task.whose) if task else None
            if task is not None and tasks and task in tasks:
                tasks.remove(task)
                del self._tasks[future]
                if not tasks:
                    del self._waiting[task.whose]

    def _dispatch(self) -> None:
        while (task := self._next()) is not None:
            self._working[task.whose] += 1
            self._begun.put(task)
            if self._idle:
                self._idle -= 1
            else:
                threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def _next(self) -> Task | None:
        """Take what is to be done next, if a thread may do it."""
        free = self._most - self._working.total()
        if free <= 0 or not self._waiting:
            return None
        whose = min(self._waiting, key=lambda one: self._working[one])
        if free <= self._reserved and self._working[whose]:
            return None
        tasks = self._waiting.pop(whose)
        task = tasks.popleft()
        if tasks:
            # Behind the others, who have waited for longer by now.
            self._waiting[whose] = tasks
        return task

    def _work(self) -> None:
        thread = threading.current_thread()
        while (task := self._get()) is not None:
            task.thread = thread
            copy_context().run(task.run)
            with self._lock:
                if self._tasks.pop(task.future, None) is None:
                    return  # it was given up, and another thread has its place
                self._leave(task)
                if self._closed:
                    return
                self._idle += 1
            del task  # an idle thread must not hold on to content

    def _get(self) -> Task | None:
        while True:
            try:
                return self._begun.get(timeout=IDLE_SECONDS)
            except Empty:
                with self._lock:
                    # What was put meanwhile was put for one of those that are not counted idle.
                    if self._begun.empty():
                        self._idle -= 1
                        return None

    def _leave(self, task: Task) -> None:
        self._working[task.whose] -= 1
        if not self._working[task.whose]:
            del self._working[task.whose]
        self._dispatch()
