"""Control groups that are only files: what /proc and /sys/fs/cgroup of another machine may hold."""

from __future__ import annotations

from pathlib import Path

from jupyter_session_export.recording.cgroups import ControlGroups

PID = 42


class MadeUpGroups:
    """A /proc and a /sys/fs/cgroup below a folder of the test's."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.sys = folder / "proc", folder / "sys"
        self.write(self.proc / "self" / "mountinfo", "22 1 0:5 / /proc rw - proc proc rw\n")

    def unified(self, path: str = "/", root: str = "/") -> None:
        """Mount version 2, and put the process into the group `path`."""
        self._mount(self.sys, root, "cgroup2 cgroup2 rw,nsdelegate")
        self.write(self.proc / str(PID) / "cgroup", f"0::{path}\n")

    def legacy(self, path: str, root: str = "/") -> None:
        """Mount version 1, and put the process into the group `path` of each controller."""
        lines = []
        for number, controllers in enumerate(("memory", "cpu,cpuacct"), 2):
            self._mount(self.sys / controllers, root, f"cgroup cgroup rw,{controllers}")
            lines.append(f"{number}:{controllers}:{path}")
        self.write(self.proc / str(PID) / "cgroup", "\n".join([*lines, "1:name=systemd:/", ""]))

    def find(self, pid: int = PID) -> ControlGroups:
        return ControlGroups.of(pid, self.proc)

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def _mount(self, folder: Path, root: str, end: str) -> None:
        with (self.proc / "self" / "mountinfo").open("a") as file:
            file.write(f"30 23 0:26 {root} {folder} rw,relatime shared:9 - {end}\n")
