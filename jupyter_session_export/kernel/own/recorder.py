"""A kernel's own recorder: a thread that opens a session and feeds what the tap has heard."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import NoRecordingServer, SessionExportError
from .tap import Answered, Asked, Missed, Published, Tap

if TYPE_CHECKING:
    from ...upkeep.cleaner import Cleaner
    from .writing import Writing

COALESCE_SECONDS = 0.02
"""A pause after each round, so that a flood comes in batches and the GIL stays free."""
READY_SECONDS = 10.0
LEAVE_SECONDS = 2.0
"""How long the end of a kernel may wait; clients kill it after 5 s."""
FORK_SECONDS = 1.0


class OwnRecorder:
    """Records the kernel of this process from its first execution until it ends."""

    def __init__(self, shell: Any) -> None:
        kernel = shell.kernel
        self._shell = shell
        self._folder = os.getcwd()  # noqa: PTH109  # a cell may change it before this is needed
        self._log: logging.Logger = kernel.log
        self._writing: Writing | None = None
        self._cleaner: Cleaner | None = None
        self._failure: Exception | None = None
        self._ready = threading.Event()
        self._feeding = threading.Lock()
        self._opening = threading.Lock()
        self._closing = threading.Lock()
        self._forking = threading.local()
        self._restarts = self._closed = False
        self.tap = Tap(kernel.session, kernel.iopub_thread, begun=self._begin, leaving=self._leave)

    @property
    def is_over(self) -> bool:
        """Whether nothing is recorded here any more."""
        return self._closed

    def writing(self) -> Writing:
        """Return what records, once it does. Raises SessionExportError where it can't."""
        if not (self.tap.keeps and self._ready.wait(READY_SECONDS)):
            raise NoRecordingServer("This kernel's own recording has not begun.", "Try again.")
        if isinstance(self._failure, SessionExportError):
            raise self._failure
        if self._writing is None:
            raise NoRecordingServer("This kernel is not recorded.", _why_not(self._failure))
        self.feed()
        return self._writing

    @property
    def files(self) -> Path:
        """The folder of the session's own files. Raises as `writing`."""
        return self.writing().record.folder.outputs

    def feed(self) -> None:
        """Hand over what has come. Any thread."""
        with self._feeding:
            taken, missed = self.tap.take(), self.tap.take_missed()
            if self._writing is not None:
                self._feed(self._writing, taken, missed)

    def close(self) -> None:
        """Record what has come and let go of the session; bounded, as the kernel is ending."""
        with self._closing:
            if self._closed:
                return
            self._stop_tidying()
            self.tap.remove()
            self._ready.wait(LEAVE_SECONDS)
            self.feed()
            self._closed = True
            self.tap.ring()
            if self._writing is not None:
                self._writing.close(LEAVE_SECONDS, end=not self._restarts)

    def before_fork(self) -> None:
        """Come to rest: locks of imports and of SQLite would stay held in the new process."""
        # A process that was forked never gets them back, and has nothing to bring to rest.
        locks = [] if self._closed else [self._opening]
        if locks and self._writing is not None:
            locks.append(self._writing.recorder.at_work)
        self._forking.held = [lock for lock in locks if lock.acquire(timeout=FORK_SECONDS)]

    def after_fork(self) -> None:
        """Go on, in the process that has forked."""
        for lock in self._forking.held:
            lock.release()

    def forget(self) -> None:
        """Leave all to the other process, in the one that was forked."""
        self._closed = True
        self.tap.remove()
        if self._writing is not None:
            self._writing.forget()

    def _begin(self) -> None:
        atexit.register(self.close)
        thread = threading.Thread(target=self._run, name="session-export-own", daemon=True)
        _hide_from_debugger(thread)
        thread.start()

    def _leave(self, restarts: bool) -> None:
        """Close once the client knows that the kernel ends: it kills it soon, whatever is left.

        And from Python 3.12 on `atexit` is too late to start a thread.
        """
        self._restarts = restarts
        if self.tap.keeps:
            self.close()

    def _run(self) -> None:
        try:
            with self._opening:
                self._open()
        except Exception as error:  # noqa: BLE001  # a kernel without a record beats no kernel
            self._failure = error
            self._log.warning("This kernel is not recorded: %s", _told(error))
        if self._writing is None:
            self.tap.remove()
        self._ready.set()
        if self._writing is not None:
            self._tidy(self._writing)
        while self._writing is not None and not self._closed:
            self.tap.wait()
            time.sleep(COALESCE_SECONDS)
            self.feed()

    def _stop_tidying(self) -> None:
        """End the clean-up: Python waits for its workers before it calls `close`."""
        if self._cleaner is not None:
            self._cleaner.stop()

    def _tidy(self, writing: Writing) -> None:
        try:
            with self._opening:
                self._cleaner = writing.tidy(self._log)
        except OSError as error:
            self._log.info("Old sessions are not cleaned up: %s", error)

    def _open(self) -> None:
        # All that is heavy is imported here, while the kernel is running the first cell.
        from .writing import Writing  # noqa: PLC0415

        self._writing = Writing.begin(self._shell, self._folder, self._log)
        if self._writing is not None:
            for thread in self._writing.recorder.threads:
                _hide_from_debugger(thread)

    def _feed(
        self, writing: Writing, taken: list[Published | Asked | Answered], missed: Missed | None
    ) -> None:
        messages: list[Published] = []
        for item in taken:
            if isinstance(item, Published):
                messages.append(item)
                continue
            writing.publish(messages)
            messages = []
            if isinstance(item, Asked):
                writing.ask(item)
            else:
                writing.answer(item)
        writing.publish(messages)
        if missed is not None:
            writing.miss(missed)


def _hide_from_debugger(thread: threading.Thread) -> None:
    """Keep debugpy from stopping a thread at a breakpoint, as ipykernel does with its own."""
    thread.pydev_do_not_trace = True  # type: ignore[attr-defined]
    thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]


def _told(error: Exception) -> str:
    if isinstance(error, SessionExportError):
        return f"{error.message} {error.detail or ''}".strip()
    return f"{type(error).__name__}: {error}"


def _why_not(failure: Exception | None) -> str:
    return "SessionExport.record is False." if failure is None else _told(failure)
