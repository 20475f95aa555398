"""How much processor time the thread takes that sends a kernel's output."""

from __future__ import annotations

import sys
import threading
import time


class OutputClock:
    """Reads the clock of a thread, where the system has one for each: all but Windows."""

    def __init__(self, thread: threading.Thread | None) -> None:
        self._clock: int | None = None
        if sys.platform != "win32" and thread is not None and thread.ident is not None:
            self._clock = time.pthread_getcpuclockid(thread.ident)

    @property
    def seconds(self) -> float | None:
        """All seconds so far; None where that isn't known."""
        if sys.platform == "win32" or self._clock is None:
            return None
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            # The thread is gone, as in a process that was forked.
            return None
