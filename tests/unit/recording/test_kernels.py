"""Watching a kernel manager whose session is slow to open, or whose kernels don't restart."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.recording import starts
from jupyter_session_export.recording.kernels import KernelWatch
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.sink import Sink
from jupyter_session_export.records.unrecorded import RECORD_VARIABLE
from tests.unit.recording.fake_sink import FakeSink


class StartingManager:
    """A kernel manager that only starts."""

    def __init__(self) -> None:
        self.started: list[str | None] = []
        """What each kernel was told of recording itself."""

    async def start_kernel(self, **options: Any) -> str:
        self.started.append(options.get("env", {}).get(RECORD_VARIABLE))
        return "k"

    async def restart_kernel(self) -> None: ...
    async def shutdown_kernel(self) -> None: ...
    def interrupt_kernel(self) -> None: ...


async def test_a_session_that_never_opens_holds_up_no_kernel(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Kernels start, after a while, unrecorded also by themselves, with one warning for all."""
    monkeypatch.setattr(starts, "SESSION_SECONDS", 0.01)

    async def hang() -> Sink:
        await asyncio.Event().wait()
        raise AssertionError

    manager = StartingManager()
    watch = KernelWatch(manager, recorder, session_for=hang)
    watch.start()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert await asyncio.wait_for(manager.start_kernel(), 10) == "k"
    assert manager.started == ["0", "0"]
    assert len(caplog.records) == 1
    await watch.stop()


async def test_a_disk_that_hangs_holds_up_no_kernel(
    recorder: Recorder, sink: FakeSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its environment needs is written elsewhere, and not waited for without end."""
    monkeypatch.setattr(starts, "SESSION_SECONDS", 0.01)

    async def hang(_: Sink) -> dict[str, str]:
        await asyncio.Event().wait()
        raise AssertionError

    manager = StartingManager()
    watch = KernelWatch(manager, recorder, session_for=lambda: sink, environment_for=hang)
    watch.start()
    assert await asyncio.wait_for(manager.start_kernel(), 10) == "k"
    assert manager.started == ["0"]
    await watch.stop()


class BrokenManager(StartingManager):
    """A kernel manager that can't tell of its kernel what a recorder asks."""

    stopped = False

    def __contains__(self, kernel_id: object) -> bool:
        return bool(self.started)

    def get_kernel(self, kernel_id: str) -> Any:
        raise KeyError(kernel_id)

    async def shutdown_kernel(self, kernel_id: str = "") -> None:
        self.stopped = True


async def test_what_fails_in_the_recording_fails_no_kernel(
    recorder: Recorder, sink: FakeSink, caplog: pytest.LogCaptureFixture
) -> None:
    """It starts and is shut down; the log tells."""
    manager = BrokenManager()
    watch = KernelWatch(manager, recorder, session_for=lambda: sink)
    watch.start()
    assert await manager.start_kernel() == "k"
    await manager.shutdown_kernel("k")
    assert manager.stopped
    assert "can't be recorded well" in caplog.text
    await watch.stop()


class FailingManager(StartingManager):
    """A kernel manager whose one kernel doesn't restart; `pid_after` is its process then."""

    def __init__(self, pid_after: int | None) -> None:
        super().__init__()
        self._provisioner = SimpleNamespace(process=SimpleNamespace(pid=1, poll=lambda: None))
        self._pid_after = pid_after

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id == "k"

    def get_kernel(self, kernel_id: str) -> Any:
        return self

    @property
    def provisioner(self) -> Any:
        return self._provisioner

    async def restart_kernel(self, *_: Any, **__: Any) -> None:
        process = self._pid_after and SimpleNamespace(pid=self._pid_after, poll=lambda: None)
        self._provisioner = SimpleNamespace(process=process)
        raise TimeoutError


@pytest.mark.parametrize(
    ("pid_after", "told"),
    [
        (1, ["kernel.restart_failed"]),
        (None, ["kernel.restart_failed", "kernel.died"]),
        (2, ["kernel.restart"]),
    ],
)
async def test_a_restart_that_fails_is_no_restart(
    recorder: Recorder, sink: FakeSink, pid_after: int | None, told: list[str]
) -> None:
    """The old process may live on, or be gone; a new one that is slow to answer is a restart."""
    manager = FailingManager(pid_after)
    watch = KernelWatch(manager, recorder, session_for=lambda: sink)
    watch.start()
    await manager.start_kernel()
    with pytest.raises(TimeoutError):
        await manager.restart_kernel("k")
    await asyncio.to_thread(sink.wait_for, lambda: told[-1] in sink.actions())
    assert [action for action in sink.actions() if action != "kernel.start"] == told
    await watch.stop()
