"""How the end of a process is noticed and told, with processes that are real and no kernels."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.recording import deaths
from jupyter_session_export.recording.cgroups import ControlGroups
from jupyter_session_export.recording.deaths import DeathWatch, MemoryKills
from tests.unit.recording.made_up_groups import MadeUpGroups

Start = Callable[..., "Manager"]


class Manager:
    """A kernel manager whose kernel is any process, and whose restarter is the test."""

    def __init__(self, code: str, *, restarter: bool = False) -> None:
        process = subprocess.Popen([sys.executable, "-c", code])
        self.provisioner = SimpleNamespace(process=process)
        self.shutting_down = False
        self.callbacks: dict[str, Callable[[], None]] = {}
        self._restarter = object() if restarter else None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = self.provisioner.process
        return process

    def add_restart_callback(self, callback: Callable[[], None], event: str) -> None:
        self.callbacks[event] = callback


@pytest.fixture
def start() -> Iterator[Start]:
    """Start processes; none is left when the test ends."""
    managers: list[Manager] = []

    def start(code: str = "import time; time.sleep(600)", **options: Any) -> Manager:
        managers.append(Manager(code, **options))
        return managers[-1]

    yield start
    for manager in managers:
        manager.process.kill()
        manager.process.wait()


class Told:
    """A watch, and the deaths that it told of."""

    def __init__(self) -> None:
        self.deaths: list[tuple[str, str]] = []
        self.expected: set[str] = set()
        self.watch = DeathWatch(
            lambda *death: self.deaths.append(death),
            self.expected.__contains__,
            logging.getLogger(__name__),
        )


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import os; os._exit(3)", "kernel died (exit code 3)"),
        ("raise SystemExit", "kernel died (exit code 0)"),
        ("import ctypes; ctypes.string_at(0)", "kernel died (signal SIGSEGV)"),
        ("import os; os.abort()", "kernel died (signal SIGABRT)"),
        ("import os; os.kill(os.getpid(), 40)", "kernel died (signal 40)"),
    ],
)
def test_the_cause_is_what_the_system_tells(
    told: Told, start: Start, code: str, cause: str
) -> None:
    """An exit code, or a signal by its name where it has one."""
    manager = start(code)
    told.watch.watch("k", manager)
    manager.process.wait()
    told.watch.look("k")
    assert told.deaths == [("k", cause)]


async def test_a_death_without_a_restarter_is_noticed(
    told: Told, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody looks, again and again, and tells once."""
    monkeypatch.setattr(deaths, "LOOK_SECONDS", 0.01)
    manager = start()
    told.watch.watch("k", manager)
    looking = asyncio.create_task(told.watch.run())
    assert not told.watch.is_dead("k")
    manager.process.kill()
    while not told.deaths:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    looking.cancel()
    assert told.deaths == [("k", "kernel died (signal SIGKILL)")]
    assert told.watch.is_dead("k")


@pytest.mark.parametrize("event", ["restart", "dead"])
def test_a_restarter_may_be_first(told: Told, start: Start, event: str) -> None:
    """Then it has told; and the process that it starts can die anew."""
    manager = start(restarter=True)
    told.watch.watch("k", manager)
    for _ in range(2):
        manager.process.terminate()
        manager.process.wait()
        manager.callbacks[event]()
        told.watch.look("k")
        assert told.watch.is_dead("k")
        manager.provisioner.process = start().process
        assert not told.watch.is_dead("k")
    assert told.deaths == [("k", "kernel died (signal SIGTERM)")] * 2


def test_an_end_that_was_asked_for_is_no_death(told: Told, start: Start) -> None:
    """Whoever shuts down or restarts a kernel tells of that, be it the manager itself."""
    ours, its_own = start(), start()
    told.watch.watch("ours", ours)
    told.watch.watch("its own", its_own)
    told.expected.add("ours")
    its_own.shutting_down = True
    for manager in (ours, its_own):
        manager.process.kill()
        manager.process.wait()
    told.watch.look("ours")
    told.watch.look("its own")
    assert told.deaths == []


def test_a_kernel_elsewhere_is_its_restarters_to_watch(told: Told, start: Start) -> None:
    """Without a process of ours nothing is known but that it died, each time."""
    manager = start(restarter=True)
    process, manager.provisioner.process = manager.process, None
    told.watch.watch("k", manager)
    told.watch.look("k")
    manager.callbacks["restart"]()
    manager.callbacks["restart"]()
    assert told.deaths == [("k", "kernel died")] * 2
    assert not told.watch.is_dead("k")
    manager.provisioner.process = process


def test_running_out_of_memory_is_a_cause(
    told: Told, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed process is compared with how many were killed for memory before."""
    made_up = MadeUpGroups(tmp_path)
    made_up.unified("/pod")
    events = made_up.sys / "pod" / "memory.events"
    made_up.write(events, "oom 1\noom_kill 1\n")
    made_up.write(made_up.sys / "pod" / "memory.max", f"{512 * 2**20}\n")
    groups = made_up.find()
    monkeypatch.setattr(ControlGroups, "of", lambda pid: groups)
    by_hand, for_memory, crashed = start(), start(), start()
    for name, manager in (("hand", by_hand), ("memory", for_memory), ("crash", crashed)):
        told.watch.watch(name, manager)

    def end(name: str, manager: Manager, number: int) -> None:
        manager.process.send_signal(number)
        manager.process.wait()
        told.watch.look(name)

    end("hand", by_hand, signal.SIGKILL)
    made_up.write(events, "oom 2\noom_kill 2\n")
    end("memory", for_memory, signal.SIGKILL)
    end("crash", crashed, signal.SIGTERM)
    assert told.deaths == [
        ("hand", "kernel died (signal SIGKILL)"),
        ("memory", "kernel died (signal SIGKILL, out of memory: limit of 512 MiB)"),
        ("crash", "kernel died (signal SIGTERM)"),
    ]


def test_the_memory_that_others_ran_out_of(tmp_path: Path) -> None:
    """A kill counts for 10 seconds at least, since a large process takes long to end, and ages."""
    made_up, at = MadeUpGroups(tmp_path), [0.0]
    made_up.unified("/")
    made_up.write(made_up.sys / "memory.events", "oom_kill 0\n")
    kills = MemoryKills(made_up.find(), lambda: at[0])
    made_up.write(made_up.sys / "memory.events", "oom_kill 1\n")
    for seconds, happened in ((0, True), (9, True), (11, True), (19, True), (22, False)):
        at[0] = float(seconds)
        kills.look()
        assert kills.happened() is happened, seconds


def test_what_can_not_be_counted_did_not_happen(tmp_path: Path) -> None:
    """Without figures a killed process is a killed process."""
    assert not MemoryKills(MadeUpGroups(tmp_path).find()).happened()
