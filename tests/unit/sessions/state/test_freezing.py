"""A kernel that stands still."""

from __future__ import annotations

import asyncio
import signal

import psutil
import pytest

from jupyter_session_export.errors import NotSupported
from jupyter_session_export.sessions.state import freeze, thaw
from tests.waiting import wait_until

from .real_link import RealLink

pytestmark = pytest.mark.asyncio(loop_scope="module")


def cpu_of(processes: list[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in processes)


async def test_a_frozen_kernel_takes_no_processor(kernel: RealLink) -> None:
    """Nor do its children; the cell goes on where it stood, and what was asked meanwhile runs."""
    began = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'while 1: 1'])"
    await kernel.run(began)
    running = asyncio.create_task(kernel.run("n = sum(range(20_000_000))\nprint(n)"))
    process = psutil.Process(kernel.pid)
    family = [process, *process.children()]
    before = cpu_of(family)
    while cpu_of(family) <= before:
        await asyncio.sleep(0.01)
    await freeze(kernel)
    for each in family:
        wait_until(lambda each=each: each.status() == psutil.STATUS_STOPPED)  # type: ignore[misc]
    before = cpu_of(family)
    await asyncio.sleep(0.3)
    assert cpu_of(family) == before
    assert await kernel.is_alive()
    assert not running.done()
    await freeze(kernel)
    await thaw(kernel)
    assert await running == str(sum(range(20_000_000)))
    await kernel.run("child.kill(); child.wait()")


async def test_thawing_what_is_not_frozen_does_nothing(kernel: RealLink) -> None:
    """More than once does no harm."""
    await thaw(kernel)
    assert await kernel.run("print(1)") == "1"


async def test_a_system_without_such_signals_says_so(
    kernel: RealLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what can be done there."""
    monkeypatch.delattr(signal, "SIGSTOP")
    with pytest.raises(NotSupported, match="can't stop a process") as caught:
        await freeze(kernel)
    assert "suspend" in (caught.value.detail or "")
