"""Control groups of Linux (v1 and v2): what a process may use, and how often memory ran out.

https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ..records.usage import Limits

PROC = Path("/proc")
UNLIMITED = 1 << 60
"""Version 1 says "no limit" by the largest multiple of a page."""

T = TypeVar("T", int, float)


@dataclass(frozen=True, slots=True)
class Mount:
    """A hierarchy of groups; `root` is the group that its folder shows, as in a container."""

    controllers: frozenset[str]
    root: str
    folder: Path

    def groups(self, path: str) -> list[Path]:
        """Return the folders of a group and of those around it, innermost first.

        A container may know a group by the name that it has outside: then it is the root.
        """
        inner = path.removeprefix(self.root.rstrip("/")).strip("/")
        parts = [part for part in inner.split("/") if part not in ("", "..")]
        folder = self.folder.joinpath(*parts)
        if not folder.is_dir():
            return [self.folder]
        return [folder, *folder.parents[: len(parts)]]


@dataclass(frozen=True, slots=True)
class ControlGroups:
    """The groups of one process for memory and for CPU time, innermost first; none elsewhere."""

    memory: list[Path] = field(default_factory=list)
    cpu: list[Path] = field(default_factory=list)
    proc: Path = PROC

    @classmethod
    def of(cls, pid: int, proc: Path = PROC) -> ControlGroups:
        """Find a process's groups; none where it has gone or the system has none."""
        try:
            lines = (proc / str(pid) / "cgroup").read_text().splitlines()
            mounts = _mounts((proc / "self" / "mountinfo").read_text().splitlines())
        except OSError:
            return cls()
        memory, cpu = (_groups(lines, mounts, controller) for controller in ("memory", "cpu"))
        return cls(memory, cpu, proc)

    def limits(self) -> Limits:
        """Return the least of what the process's groups are limited to."""
        memory = [*map(_memory_v2, self.memory), *map(_memory_v1, self.memory)]
        cpus = [*map(_cpus_v2, self.cpu), *map(_cpus_v1, self.cpu)]
        return Limits(_least(memory), _least(cpus))

    def memory_kills(self) -> int | None:
        """Return how many processes have been killed in the group since memory ran out.

        Where no group counts them, those of the whole machine; None where nothing does.
        """
        names = ("memory.events", "memory.oom_control")
        files = [group / name for group in self.memory for name in names]
        for file in (*files, self.proc / "vmstat"):
            if (count := _entry(file, "oom_kill")) is not None:
                return count
        return None


def _mounts(lines: Iterable[str]) -> list[Mount]:
    """Read mountinfo (proc_pid_mountinfo(5)); version 2 has all controllers, so none is named."""
    found = []
    for line in lines:
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            root, folder = before.split(" ")[3:5]
            names = options.split(",") if kind == "cgroup" else []
            found.append(Mount(frozenset(names), root, Path(folder)))
    return found


def _groups(lines: Iterable[str], mounts: list[Mount], controller: str) -> list[Path]:
    found: list[Path] = []
    for line in lines:
        hierarchy, controllers, path = line.split(":", 2)
        named = controller in controllers.split(",")
        unified = hierarchy == "0" and not controllers
        for mount in mounts:
            if (named and controller in mount.controllers) or (unified and not mount.controllers):
                found += mount.groups(path)
                break
    return found


def _memory_v2(group: Path) -> int | None:
    return _number(_text(group / "memory.max"))


def _memory_v1(group: Path) -> int | None:
    limit = _number(_text(group / "memory.limit_in_bytes"))
    return limit if limit is not None and limit < UNLIMITED else None


def _cpus_v2(group: Path) -> float | None:
    quota, _, period = _text(group / "cpu.max").partition(" ")
    return _ratio(_number(quota), _number(period))


def _cpus_v1(group: Path) -> float | None:
    quota = _number(_text(group / "cpu.cfs_quota_us"))
    return _ratio(quota, _number(_text(group / "cpu.cfs_period_us")))


def _ratio(quota: int | None, period: int | None) -> float | None:
    return quota / period if quota and period else None


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def _least(limits: Iterable[T | None]) -> T | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _entry(path: Path, name: str) -> int | None:
    """Return one figure of a file that has a name and a number in each line."""
    for line in _text(path).splitlines():
        key, _, number = line.partition(" ")
        if key == name:
            return _number(number)
    return None


def _text(path: Path) -> str:
    # Which files there are differs between systems, and a group may have gone by now.
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""
