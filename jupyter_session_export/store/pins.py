"""Pins: what an export still needs stays, though nothing in the record refers to it any more."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreUnavailable
from .faults import StoreFaults
from .folder import SessionFolder, private_folder
from .lasting_pins import LastingPins
from .lease import is_unlocked, os_lock

if TYPE_CHECKING:
    from filelock import BaseFileLock

FRESH_SECONDS = 60
"""A mark this young may be about to be locked."""
STALE_SECONDS = 24 * 3600
"""No pin of another process counts longer; where locks don't work nothing else ends it."""


class Pin:
    """Some blobs that `collect` leaves alone until `release`; a context manager, any thread."""

    def __init__(self, pins: Pins, digests: frozenset[bytes] | None, mark: Mark | None) -> None:
        self.digests = digests
        """SHA-256 of each pinned content; None pins all."""
        self.mark = mark
        self._pins = pins

    def narrow(self, digests: frozenset[bytes]) -> None:
        """Pin only these from now on."""
        self.digests = digests

    def release(self) -> None:
        """Let them go; more than once does no harm."""
        self._pins.forget(self)
        if self.mark is not None:
            self.mark.release()

    def __enter__(self) -> Pin:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Mark:
    """A locked file that tells other processes of a pin; its lock ends with the process."""

    def __init__(self, path: Path, lock: BaseFileLock | None) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls, folder: Path) -> Mark | None:
        """Make one; None where nothing can be written, since nothing is collected there either."""
        from filelock import Timeout  # noqa: PLC0415  # no server needs it to start

        path = folder / f"{secrets.token_hex(8)}.lock"
        lock = os_lock(path)
        try:
            with StoreFaults("pin content"):
                private_folder(folder)
                lock.acquire(timeout=0)
        except (StoreUnavailable, Timeout, NotImplementedError):
            return cls(path, None) if path.exists() else None
        return cls(path, lock)

    def release(self) -> None:
        with suppress(OSError):
            if self._lock is not None:
                self._lock.release()
            self.path.unlink(missing_ok=True)


class Pins:
    """The pins of one session in this process, and whether others have some."""

    def __init__(self, folder: SessionFolder) -> None:
        self._folder = folder.pins
        self._lasting = LastingPins(folder)
        self._lock = threading.Lock()
        self._pins: set[Pin] = set()
        self.collected_here = False
        """Whether the one who collects uses these very pins, and needs no mark on disk."""

    def pin(self, digests: frozenset[bytes] | None) -> Pin:
        """Pin contents, or everything."""
        pin = Pin(self, digests, None if self.collected_here else Mark.make(self._folder))
        with self._lock:
            self._pins.add(pin)
        return pin

    def forget(self, pin: Pin) -> None:
        with self._lock:
            self._pins.discard(pin)

    def pinned(self) -> frozenset[bytes] | None:
        """Return what must stay by SHA-256; None if that is everything. Raises StoreUnavailable."""
        with self._lock:
            pins = list(self._pins)
        if self._has_others({pin.mark.path for pin in pins if pin.mark is not None}):
            return None
        digests = self._lasting.pinned()
        for pin in pins:
            if pin.digests is None:
                return None
            digests |= pin.digests
        return frozenset(digests)

    @property
    def in_use(self) -> bool:
        """Whether there is any pin, of this process or of another."""
        with self._lock:
            if self._pins:
                return True
        return self._has_others(set())

    def _has_others(self, ours: set[Path]) -> bool:
        return any(path not in ours and _counts(path) for path in self._folder.glob("*.lock"))


def _counts(path: Path) -> bool:
    """Tell whether another process's mark stands; sweep it away if not."""
    with suppress(FileNotFoundError):
        age = time.time() - path.lstat().st_mtime
        if age < FRESH_SECONDS or (age < STALE_SECONDS and not is_unlocked(path)):
            return True
        path.unlink()
    return False
