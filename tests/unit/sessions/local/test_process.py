"""The process that a kernel has, and what takes its place."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.errors import NotSupported
from jupyter_session_export.sessions.local.guarding import Guardian
from jupyter_session_export.sessions.local.process import KernelProcess

SLEEPING = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def manager() -> Iterator[Any]:
    """A kernel's manager, as far as its process goes; `begin` gives it another one."""
    begun: list[subprocess.Popen[bytes]] = []
    provisioner = SimpleNamespace(process=None)

    def begin() -> subprocess.Popen[bytes]:
        provisioner.process = subprocess.Popen(SLEEPING, start_new_session=True)
        begun.append(provisioner.process)
        return begun[-1]

    yield SimpleNamespace(provisioner=provisioner, begin=begin)
    for process in begun:
        process.kill()
        process.wait()


@pytest.fixture
def process(manager: Any) -> Iterator[KernelProcess]:
    guardian = Guardian()
    yield KernelProcess(lambda: manager, guardian, list)
    guardian.close()


def test_another_process_in_its_place_is_noticed(manager: Any, process: KernelProcess) -> None:
    """To take charge of it ends what the first one has left."""
    first = manager.begin()
    process.take_charge()
    assert not process.was_replaced
    manager.begin()
    assert process.was_replaced
    process.take_charge()
    assert not process.was_replaced
    assert not process.has_ended
    assert first.wait(60) == -signal.SIGKILL


def test_no_process_is_no_other_one(manager: Any, process: KernelProcess) -> None:
    """While a kernel is restarted it has none; that of another machine never has."""
    with pytest.raises(NotSupported):
        process.signal(signal.SIGCONT)
    manager.begin()
    process.take_charge()
    running, manager.provisioner.process = manager.provisioner.process, None
    assert not process.was_replaced
    assert not process.has_ended
    assert process.how_it_ended() == "nobody knows how"
    manager.provisioner.process = running


def test_its_end_is_told_in_words(manager: Any, process: KernelProcess) -> None:
    """Also of one that was stopped when it was killed."""
    manager.begin()
    process.take_charge()
    process.signal(signal.SIGSTOP)
    process.end_group()
    manager.provisioner.process.wait(60)
    assert process.has_ended
    assert process.how_it_ended() == "signal SIGKILL"
