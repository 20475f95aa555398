"""Watching a kernel manager whose session is slow to open."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from jupyter_session_export.recording import kernels
from jupyter_session_export.recording.kernels import KernelWatch
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.sink import Sink
from jupyter_session_export.settings import RECORD_VARIABLE
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
    monkeypatch.setattr(kernels, "SESSION_SECONDS", 0.01)

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
    monkeypatch.setattr(kernels, "SESSION_SECONDS", 0.01)

    async def hang(_: Sink) -> dict[str, str]:
        await asyncio.Event().wait()
        raise AssertionError

    manager = StartingManager()
    watch = KernelWatch(manager, recorder, session_for=lambda: sink, environment_for=hang)
    watch.start()
    assert await asyncio.wait_for(manager.start_kernel(), 10) == "k"
    assert manager.started == ["0"]
    await watch.stop()
