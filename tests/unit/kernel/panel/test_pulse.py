"""When the panel is drawn: at most four times a second, and never without a reason."""

from __future__ import annotations

import threading
import time

import pytest

from jupyter_session_export.kernel.panel.pulse import QUICK, Pulse
from tests.waiting import wait_until


class Beats:
    """Notes the beats; `runs` is for how long a cell runs."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.runs: float | None = None
        self.beaten = threading.Semaphore(0)

    def beat(self) -> float | None:
        self.times.append(time.perf_counter())
        self.beaten.release()
        return self.runs


def test_an_idle_kernel_is_left_alone() -> None:
    """Nothing is sent, so that it is culled as any other."""
    beats = Beats()
    pulse = Pulse(beats.beat, print)
    pulse.start()
    assert beats.beaten.acquire(timeout=60)
    assert not beats.beaten.acquire(timeout=4 * QUICK)
    pulse.ring()
    assert beats.beaten.acquire(timeout=60)
    pulse.stop()


def test_there_are_four_beats_a_second_at_most() -> None:
    """However often something begins and ends."""
    beats = Beats()
    beats.runs = 1.0
    pulse = Pulse(beats.beat, print)
    pulse.start()
    for _ in range(4):
        pulse.ring()
        assert beats.beaten.acquire(timeout=60)
    pulse.stop()
    gaps = [later - one for one, later in zip(beats.times, beats.times[1:], strict=False)]
    assert min(gaps) >= QUICK * 0.99


def test_what_is_slow_to_draw_is_drawn_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it takes less than a hundredth of the processor."""
    beats = Beats()
    beats.runs = 1.0
    pulse = Pulse(beats.beat, print)
    clock = iter([0.0, 0.5])
    monkeypatch.setattr(time, "thread_time", lambda: next(clock))
    assert pulse._once() >= 50


def test_a_fault_ends_it_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """No thread dies in silence: the panel says so."""

    def fail() -> float | None:
        raise ValueError("a fault of ours")

    told: list[Exception] = []
    pulse = Pulse(fail, told.append)
    pulse.start()
    wait_until(lambda: bool(told))
    assert pulse.is_over
    assert "a fault of ours" in caplog.text
