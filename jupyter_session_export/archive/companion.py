"""A second interpreter, which packs batches of very small files beside this one."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from time import monotonic
from typing import NamedTuple

from ..content.deflating import deflating
from .entries import Entry, LedgerLine, OnDisk, Opener
from .packer import Row, from_reply
from .packing import Batch, Item, pack_batch
from .program import Program
from .workers import Workers, fulfil

MOST_WAITING = 2
"""With fewer batches waiting for it, it would idle while this interpreter packs one itself."""
STARTS_AT = 2
"""Fewer batches are packed here before it has started."""
ANSWER_SECONDS = 30.0
"""What takes longer than this, a thousand times as long as a batch does, is not waited for."""

_log = logging.getLogger(__name__)


class Task(NamedTuple):
    """A batch, and who waits for it."""

    batch: Sequence[Item]
    future: Future[Batch]

    @property
    def path(self) -> str:
        """The first of its files."""
        sources = (item.source for item in self.batch if isinstance(item, Entry))
        return next((str(source.path) for source in sources if isinstance(source, OnDisk)), "")


class Companion:
    """Takes some of the batches that it is offered and packs them, in their order.

    Threads are no help with very small files: each system call hands Python's lock to
    and fro. Here one thread asks another interpreter and hears it. Where that does not
    start, says anything else or ends, the thread packs what was taken, and no more is.
    """

    def __init__(self, compression: str, opener: Opener) -> None:
        self._compression = compression
        self._opener = opener
        self._offered = 0
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._thread = Workers(1)
        self._program: Program | None = None
        self._asked_at: float | None = None
        self._stopped = threading.Event()
        self._alone = not _is_of_use()

    def offer(self, batch: Sequence[Item]) -> Future[Batch] | None:
        """Take a batch of files, or return None: then it is better packed here."""
        if self._alone or self._tasks.qsize() >= MOST_WAITING or not all(map(_is_on_disk, batch)):
            return None
        self._offered += 1
        if self._offered < STARTS_AT:
            return None
        if self._offered == STARTS_AT:
            self._thread.run(self._serve)
        task = Task(batch, Future())
        self._tasks.put(task)
        return task.future

    def look(self) -> None:
        """End it where it does not answer. For whoever waits for a batch, some times a second."""
        asked_at = self._asked_at
        if asked_at and monotonic() - asked_at > ANSWER_SECONDS and self._program:
            self._program.kill()

    def stop(self) -> None:
        """End it, whatever it is at."""
        self._stopped.set()
        if self._program:
            self._program.kill()
        self._tasks.put(None)
        self._thread.stop()

    def close(self) -> None:
        """Wait for its end, but not for long. More than once does no harm."""
        self.stop()
        self._thread.close()

    def _serve(self) -> None:
        hand_over: Callable[[], None] | None = None
        try:
            while (task := self._tasks.get()) and not self._stopped.is_set():
                self._ask(task)
                if hand_over:
                    # While the other one is at it.
                    hand_over()
                reply = self._reply(task.path)
                hand_over = partial(fulfil, task.future, partial(self._made, task, reply))
                if self._tasks.empty():
                    hand_over()
                    hand_over = None
                # An idle thread must not hold on to content.
                del task, reply
        finally:
            if self._program:
                self._program.end()

    def _ask(self, task: Task) -> None:
        if not self._alone:
            with self._doing_without():
                self._asked_at = monotonic()
                (self._program or self._started()).ask(task.batch)

    def _reply(self, path: str) -> list[Row] | None:
        reply = None
        if self._program and not self._alone:
            with self._doing_without():
                reply = self._program.reply(path)
        self._asked_at = None
        return reply

    def _made(self, task: Task, reply: list[Row] | None) -> Batch:
        if reply is not None:
            with self._doing_without():
                return from_reply(task.batch, reply)
        return pack_batch(task.batch, self._opener, deflating(self._compression))

    @contextmanager
    def _doing_without(self) -> Iterator[None]:
        """Pack here from now on when what is tried fails."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, it can be done without
            if not self._alone and not self._stopped.is_set():
                words = self._program.last_words() if self._program else ""
                _log.warning("Small files are packed by one processor only: %r %s", error, words)
            self._alone = True
            if self._program:
                self._program.kill()

    def _started(self) -> Program:
        self._program = Program(self._compression)
        if self._stopped.is_set():
            # Who stopped it could not kill it yet, and there may be nothing to hear of it.
            self._program.kill()
        self._program.begin()
        return self._program


def _is_on_disk(item: Item) -> bool:
    return isinstance(item, LedgerLine) or isinstance(item.source, OnDisk)


def _is_of_use() -> bool:
    # A frozen program's executable is no interpreter; an embedded one may have none.
    return bool(sys.executable) and not hasattr(sys, "frozen") and _processors() > 1


def _processors() -> int:
    """Return how many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
