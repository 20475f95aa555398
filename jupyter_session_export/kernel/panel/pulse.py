"""The thread that draws: when something begins or ends, and while anything runs."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable

QUICK, CALM = 0.25, 1.0
"""Seconds between two beats: four a second at most, and one once a cell takes long."""
CALM_AFTER = 60.0
REST = 150
"""After a beat that took the processor a second, there is none for as many seconds."""


class Pulse:
    """Calls `beat`, which returns for how long the oldest cell runs, None where none does.

    Between cells it sleeps: an idle kernel sends nothing, and is culled as any other. The
    first beat that fails is the last one; `failed` is told.
    """

    def __init__(
        self, beat: Callable[[], float | None], failed: Callable[[Exception], object]
    ) -> None:
        self._beat = beat
        self._failed = failed
        self._rung = threading.Event()
        self._over = threading.Event()

    def start(self) -> None:
        """Begin. Raises RuntimeError where there is no thread to be had."""
        run = contextvars.copy_context().run
        threading.Thread(
            target=run, args=(self._run,), name="session-export-panel", daemon=True
        ).start()

    def ring(self) -> None:
        """Have a beat soon. Any thread; it takes a microsecond."""
        self._rung.set()

    def stop(self) -> None:
        """Have no more beats."""
        self._over.set()
        self._rung.set()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self._over.wait(self._once())
        except Exception as error:
            logging.getLogger(__name__).exception("The panel can't show anything any more.")
            self._over.set()
            self._failed(error)

    def _once(self) -> float:
        """Wait for a reason, and beat; return how long to rest at least."""
        self._rung.clear()
        before = time.thread_time()
        runs_for = self._beat()
        rest = max(QUICK, REST * (time.thread_time() - before))
        if runs_for is None:
            self._rung.wait()
        elif runs_for > CALM_AFTER:
            self._rung.wait(CALM - QUICK)
        return rest
