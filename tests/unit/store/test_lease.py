from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest
from filelock import FileLock, Timeout

from jupyter_session_export.errors import SessionLeased, StoreUnavailable
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.lease import Lease, holder_of

HOLD = """
import sys
from pathlib import Path
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.lease import Lease
lease = Lease(SessionFolder(Path(sys.argv[1])))
lease.acquire()
print("held", flush=True)
sys.stdin.read()
"""
Child = Callable[..., "Popen[str]"]


class NoLocks(FileLock):
    """A file system without locks; `how` is what locking raises there."""

    how: BaseException = NotImplementedError()

    def acquire(self, *args: object, **kwargs: object) -> None:  # type: ignore[override]
        raise self.how


def without_locks(how: BaseException) -> Callable[[Path], FileLock]:
    kind: type[FileLock] = type("Without", (NoLocks,), {"how": how})
    return kind


NO_LOCKS = [
    NotImplementedError(),
    OSError(errno.ENOLCK, "no locks"),
    OSError(errno.ENOSYS, "no locks"),
    Timeout("lease.lock"),
]


def say(folder: SessionFolder, pid: int, host: str) -> None:
    folder.lease_json.write_text(json.dumps({"pid": pid, "host": host, "since": "2026"}))


def ended_pid(child: Child) -> int:
    process = child("")
    process.wait()
    return process.pid


def test_one_holder(folder: SessionFolder) -> None:
    """While one holds the lease another is told who does."""
    lease = Lease(folder)
    lease.acquire()
    with pytest.raises(SessionLeased, match=str(os.getpid())):
        Lease(folder).acquire()
    lease.release()


def test_released_leases_are_free(folder: SessionFolder) -> None:
    """After a release, which may be repeated, the next one gets it."""
    first, second = Lease(folder), Lease(folder)
    first.acquire()
    first.release()
    second.acquire()
    first.release()
    assert holder_of(folder) is not None
    second.release()
    assert not folder.lease_json.exists()


def test_a_killed_holder_is_no_holder(folder: SessionFolder, child: Child) -> None:
    """The operating system frees the lease of a process killed by SIGKILL."""
    process = child(HOLD, folder.path)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    holder = holder_of(folder)
    assert holder is not None
    assert (holder.pid, holder.host) == (process.pid, socket.gethostname())
    with pytest.raises(SessionLeased):
        Lease(folder).acquire()
    process.kill()
    process.wait()
    assert holder_of(folder) is None
    lease = Lease(folder)
    lease.acquire()
    lease.release()


def test_a_reused_pid_is_no_holder(folder: SessionFolder) -> None:
    """A pid that lives is believed only while the lock is held."""
    lease = Lease(folder)
    lease.acquire()
    lease.release()
    say(folder, os.getpid(), socket.gethostname())
    assert holder_of(folder) is None


@pytest.mark.parametrize(
    "said", [b"", b"[]", b'{"pid": "1"}', b'{"pid": -1, "host": "", "since": ""}']
)
def test_nonsense_names_nobody(folder: SessionFolder, said: bytes) -> None:
    """A damaged lease.json keeps nobody from the session."""
    folder.lease_json.write_bytes(said)
    assert holder_of(folder) is None
    lease = Lease(folder)
    lease.acquire()
    lease.release()


@pytest.mark.parametrize("how", NO_LOCKS, ids=repr)
def test_without_locks_the_file_is_the_lease(folder: SessionFolder, how: BaseException) -> None:
    """Where locking fails, lease.json itself keeps others away."""
    lease = Lease(folder, without_locks(how))
    lease.acquire()
    assert holder_of(folder) is not None
    with pytest.raises(SessionLeased):
        Lease(folder, without_locks(how)).acquire()
    lease.release()
    Lease(folder, without_locks(how)).acquire()


def test_without_locks_only_the_surely_dead_are_replaced(
    folder: SessionFolder, child: Child
) -> None:
    """A process of this host that has ended loses its lease; one of another host doesn't."""
    say(folder, ended_pid(child), "elsewhere.example")
    with pytest.raises(SessionLeased, match=r"elsewhere\.example"):
        Lease(folder, without_locks(NotImplementedError())).acquire()
    say(folder, ended_pid(child), socket.gethostname())
    Lease(folder, without_locks(NotImplementedError())).acquire()
    assert json.loads(folder.lease_json.read_text())["pid"] == os.getpid()


def test_a_link_is_not_locked(folder: SessionFolder, tmp_path: Path) -> None:
    """A link in the lock's place is refused, and its target not made."""
    folder.lease_lock.symlink_to(tmp_path / "nowhere")
    with pytest.raises(StoreUnavailable):
        Lease(folder).acquire()
    assert not (tmp_path / "nowhere").exists()


def test_other_failures_are_not_taken_for_missing_locks(folder: SessionFolder) -> None:
    """A full disk is unavailable, not a file system without locks."""
    with pytest.raises(StoreUnavailable):
        Lease(folder, without_locks(OSError(errno.ENOSPC, "full"))).acquire()
