"""The lease of a session: one process writes it.

The operating system holds the lock and frees it when the process dies, however
it dies. `lease.json` beside it says who. On a file system without locks
`lease.json` itself is the lease: made exclusively, and taken over only from a
process of this host that is gone.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SessionLeased
from ..records.times import now, to_iso
from .faults import StoreFaults
from .folder import SessionFolder, open_private, refuse_link, write_all

if TYPE_CHECKING:
    from filelock import BaseFileLock

PATIENCE_SECONDS = 0.1
"""A reader that asks who holds the lease holds it itself for an instant."""
_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes a session; `since` is ISO 8601."""

    pid: int
    host: str
    since: str


class Lease:
    """The right to write one session's folder."""

    def __init__(
        self, folder: SessionFolder, make_lock: Callable[[Path], BaseFileLock] | None = None
    ) -> None:
        self._folder = folder
        self._make_lock = make_lock or os_lock
        self._lock: BaseFileLock | None = None
        self._held = False

    def acquire(self) -> None:
        """Take it. Raises SessionLeased while another live process has it."""
        refuse_link(self._folder.lease_lock)
        with StoreFaults("take the session's lease"):
            if self._locks():
                self._folder.write_private(self._folder.lease_json, _ourselves())
            else:
                self._claim()
        self._held = True

    def release(self) -> None:
        """Give it back; more than once does no harm."""
        if not self._held:
            return
        self._held = False
        with StoreFaults("give back the session's lease"):
            # First the name, then the lock: the next holder's name must stay.
            self._folder.lease_json.unlink(missing_ok=True)
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _locks(self) -> bool:
        """Take the OS lock; False where the file system has none."""
        from filelock import Timeout  # noqa: PLC0415  # no server needs it to start

        lock = self._make_lock(self._folder.lease_lock)
        holder = _read_holder(self._folder.lease_json)
        patience = PATIENCE_SECONDS if holder is None or _is_gone(holder) else 0
        try:
            lock.acquire(timeout=patience, poll_interval=PATIENCE_SECONDS / 10)
        except Timeout as error:
            if self._can_lock():
                raise _leased(self._folder) from error
            return False
        except NotImplementedError:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return False
        self._lock = lock
        return True

    def _can_lock(self) -> bool:
        """Tell a lock that is taken from a file system that has none: older filelocks don't."""
        from filelock import Timeout  # noqa: PLC0415  # no server needs it to start

        path = self._folder.path / f"lease-{secrets.token_hex(6)}.lock"
        lock = self._make_lock(path)
        try:
            lock.acquire(timeout=0)
        except (Timeout, NotImplementedError, OSError):
            return False
        else:
            lock.release()
            return True
        finally:
            path.unlink(missing_ok=True)

    def _claim(self) -> None:
        """Make lease.json the lease itself."""
        path = self._folder.lease_json
        if (holder := _read_holder(path)) is not None:
            if not _is_gone(holder):
                raise _leased(self._folder)
            path.unlink(missing_ok=True)
        try:
            descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError as error:
            raise _leased(self._folder) from error
        try:
            write_all(descriptor, _ourselves())
        finally:
            os.close(descriptor)


def os_lock(path: Path) -> BaseFileLock:
    """Return a lock that any thread of this process may release."""
    from filelock import FileLock  # noqa: PLC0415  # no server needs it to start

    return FileLock(path, mode=0o600, thread_local=False)


def holder_of(folder: SessionFolder) -> Holder | None:
    """Return the live process that writes a session, for readers; None if there is none."""
    holder = _read_holder(folder.lease_json)
    if holder is None or _is_gone(holder):
        return None
    # The pid may have been given to another process, or be that of another container.
    return None if _is_free(folder.lease_lock) else holder


def _is_free(path: Path) -> bool:
    return not path.is_symlink() and path.exists() and is_unlocked(path)


def is_unlocked(path: Path) -> bool:
    """Tell whether no process holds a file's lock."""
    from filelock import Timeout  # noqa: PLC0415  # no server needs it to start

    lock = os_lock(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, NotImplementedError, OSError):
        return False
    lock.release()
    return True


def _ourselves() -> bytes:
    holder = Holder(os.getpid(), socket.gethostname(), to_iso(now()))
    return json.dumps(asdict(holder)).encode()


def _read_holder(path: Path) -> Holder | None:
    with suppress(OSError, ValueError, TypeError):
        holder = Holder(**json.loads(path.read_bytes()))
        if isinstance(holder.pid, int) and holder.pid > 0:
            return holder
    return None


def _is_gone(holder: Holder) -> bool:
    """Tell whether the process has surely ended; of other hosts nobody can say."""
    # On Windows os.kill(pid, 0) would not ask but act.
    if sys.platform == "win32" or holder.host != socket.gethostname():
        return False
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _leased(folder: SessionFolder) -> SessionLeased:
    holder = _read_holder(folder.lease_json)
    who = f"process {holder.pid} on {holder.host}" if holder else "another process"
    return SessionLeased(
        f"The session is being recorded by {who}.",
        f"If that process is gone for good, remove {folder.lease_json}.",
    )
