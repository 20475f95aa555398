"""That a live process has an export: a lock beside its files, which ends with the process."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..store.faults import StoreFaults
from ..store.folder import refuse_link
from ..store.lease import os_lock

if TYPE_CHECKING:
    from filelock import BaseFileLock

_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}


class Claim:
    """Held until `release`; on a file system without locks everybody gets one."""

    def __init__(self, path: Path, lock: BaseFileLock | None) -> None:
        self._path = path
        self._lock = lock

    @classmethod
    def take(cls, path: Path) -> Claim | None:
        """Return None while it is held, by another process or in this one.

        Raises StoreUnavailable where the file can't be made.
        """
        from filelock import Timeout  # noqa: PLC0415  # no server needs it to start

        refuse_link(path)
        lock = os_lock(path)
        with StoreFaults("claim an export"):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                return None
            except NotImplementedError:
                return cls(path, None)
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
                return cls(path, None)
        return cls(path, lock)

    def release(self) -> None:
        """Let others have it; more than once does no harm."""
        with suppress(OSError):
            if self._lock is not None:
                self._lock.release()
                self._lock = None
            self._path.unlink(missing_ok=True)
