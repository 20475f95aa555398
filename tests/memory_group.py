"""A control group of a test's own, with little memory."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from .waiting import wait_until

CGROUP = Path("/sys/fs/cgroup")
NEEDED = (
    "This test needs a real memory group: run it as root on Linux, where /sys/fs/cgroup is "
    "writable and has the memory controller (in a container: docker run --privileged)."
)


@contextlib.contextmanager
def memory_group(limit: int) -> Iterator[Path]:
    """Make a group of so many bytes; processes get in by its `cgroup.procs`.

    Whatever is in it at the end is moved out again. Raises AssertionError where it can't be had.
    """
    version_1 = (CGROUP / "memory").is_dir()
    around = CGROUP / "memory" if version_1 else CGROUP
    group = around / f"session-export-test-{uuid.uuid4().hex}"
    limits = group / ("memory.limit_in_bytes" if version_1 else "memory.max")
    try:
        group.mkdir()
        limits.write_text(str(limit))
    except OSError as error:
        with contextlib.suppress(OSError):
            group.rmdir()
        raise AssertionError(f"{NEEDED} ({error})") from error
    try:
        yield group
    finally:
        wait_until(lambda: _is_empty(group, around))
        group.rmdir()


def enter(group: Path, pid: int) -> None:
    """Move a process; what it starts from now on is in the group as well."""
    (group / "cgroup.procs").write_text(str(pid))


def _is_empty(group: Path, around: Path) -> bool:
    """Move out what is left; a process that is ending can't be moved, and goes by itself."""
    left = [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
    for pid in left:
        with contextlib.suppress(OSError):
            enter(around, pid)
    return not left
