"""Limits and memory kills, from the files that systems and containers have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_session_export.recording.cgroups import ControlGroups
from jupyter_session_export.records.usage import Limits
from tests.unit.recording.made_up_groups import MadeUpGroups

MIB = 2**20


@pytest.fixture
def made_up(tmp_path: Path) -> MadeUpGroups:
    return MadeUpGroups(tmp_path)


def test_a_group_of_version_2(made_up: MadeUpGroups) -> None:
    """The least limit counts, be it the group's own or that of one around it."""
    made_up.unified("/user.slice/kernel.scope")
    made_up.write(made_up.sys / "user.slice/kernel.scope/memory.max", "max\n")
    made_up.write(made_up.sys / "user.slice/kernel.scope/cpu.max", "150000 100000\n")
    made_up.write(made_up.sys / "user.slice/memory.max", f"{512 * MIB}\n")
    made_up.write(made_up.sys / "user.slice/cpu.max", "max 100000\n")
    assert made_up.find().limits() == Limits(512 * MIB, 1.5)


def test_a_container_with_version_2(made_up: MadeUpGroups) -> None:
    """Its namespace shows its own group as the root."""
    made_up.unified("/")
    made_up.write(made_up.sys / "memory.max", f"{256 * MIB}\n")
    assert made_up.find().limits() == Limits(256 * MIB, None)


@pytest.mark.parametrize("root", ["/", "/docker/abc"])
def test_a_container_with_version_1(made_up: MadeUpGroups, root: str) -> None:
    """It names its group as the host does, and has that group's files at the root."""
    made_up.legacy("/docker/abc", root)
    made_up.write(made_up.sys / "memory/memory.limit_in_bytes", f"{128 * MIB}\n")
    made_up.write(made_up.sys / "cpu,cpuacct/cpu.cfs_quota_us", "50000\n")
    made_up.write(made_up.sys / "cpu,cpuacct/cpu.cfs_period_us", "100000\n")
    assert made_up.find().limits() == Limits(128 * MIB, 0.5)


def test_no_limit_is_none(made_up: MadeUpGroups) -> None:
    """Version 1 says so by a very large number, and by -1."""
    made_up.legacy("/")
    made_up.write(made_up.sys / "memory/memory.limit_in_bytes", "9223372036854771712\n")
    made_up.write(made_up.sys / "cpu,cpuacct/cpu.cfs_quota_us", "-1\n")
    made_up.write(made_up.sys / "cpu,cpuacct/cpu.cfs_period_us", "100000\n")
    assert made_up.find().limits() == Limits()


def test_kills_of_version_2(made_up: MadeUpGroups) -> None:
    """A group without the memory controller is counted in the one around it."""
    made_up.unified("/a/b")
    (made_up.sys / "a/b").mkdir(parents=True)
    made_up.write(made_up.sys / "a/memory.events", "low 0\nhigh 0\nmax 7\noom 4\noom_kill 3\n")
    assert made_up.find().memory_kills() == 3


def test_kills_of_version_1(made_up: MadeUpGroups) -> None:
    """They are beside what controls the killing."""
    made_up.legacy("/a")
    text = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"
    made_up.write(made_up.sys / "memory/a/memory.oom_control", text)
    assert made_up.find().memory_kills() == 2


def test_kills_of_the_machine(made_up: MadeUpGroups) -> None:
    """Where no group counts, the machine does; where that doesn't either, nobody knows."""
    made_up.unified("/")
    assert made_up.find().memory_kills() is None
    made_up.write(made_up.proc / "vmstat", "nr_free_pages 12\noom_kill 1\npgfault 5\n")
    assert made_up.find().memory_kills() == 1


def test_a_process_that_is_gone(made_up: MadeUpGroups) -> None:
    """Nothing is known of it."""
    made_up.unified("/")
    assert made_up.find(43) == ControlGroups()
    assert made_up.find(43).limits() == Limits()


def test_this_process() -> None:
    """Whatever system this is, the answers are figures or none."""
    groups = ControlGroups.of(os.getpid())
    limits = groups.limits()
    assert limits.memory_bytes is None or limits.memory_bytes > 0
    assert limits.cpus is None or limits.cpus > 0
    kills = groups.memory_kills()
    assert kills is None or kills >= 0
