"""What all sessions take on disk, where no server measures it: once a kernel has written much."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ...errors import SessionExportError
from ...store.catalog import Catalog
from ...upkeep.policy import is_nearly_full
from ...workspaces.listing import bytes_below

AGAIN_SECONDS = 30.0
"""How often it measures while the recording waits for room."""


class Measuring:
    """Measures in a thread of its own, when the store asks for it; most kernels never need it.

    `make_room` removes what may go; it is called once at most.
    """

    def __init__(
        self, catalog: Catalog, make_room: Callable[[], object], log: logging.Logger
    ) -> None:
        self._catalog = catalog
        self._make_room = make_room
        self._log = log
        self._made_room = False
        self._stopped = threading.Event()
        self._busy = threading.Lock()
        catalog.room.on_due = catalog.room.on_full = self._begin

    def stop(self) -> None:
        """Begin no other, and let the one that goes on end after the session that it is at."""
        self._stopped.set()

    def _begin(self) -> None:
        if self._stopped.is_set() or not self._busy.acquire(blocking=False):
            return
        thread = threading.Thread(target=self._run, name="session-export-measuring", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # The kernel is ending: no thread can be started any more.
            self._busy.release()

    def _run(self) -> None:
        try:
            self._measure()
            while self._catalog.room.is_full and not self._stopped.wait(AGAIN_SECONDS):
                self._measure()
        except SessionExportError as error:
            self._log.info("The sessions could not be measured: %s", error)
        finally:
            self._busy.release()

    def _measure(self) -> None:
        room = self._catalog.room
        used = room.measure(self._count)
        if is_nearly_full(used, room.most) and not (self._made_room or self._stopped.is_set()):
            self._made_room = True
            self._make_room()
            room.measure(self._count)

    def _count(self) -> int:
        size = 0
        for session in self._catalog.sessions():
            if self._stopped.is_set():
                break
            size += bytes_below(self._catalog.folder(session.id).path).bytes
        return size
