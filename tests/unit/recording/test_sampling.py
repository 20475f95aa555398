"""Sampling while something executes, and only then."""

from __future__ import annotations

import logging
import mmap
import os
import threading
import time
from collections.abc import Iterator

import pytest

from jupyter_session_export.recording import sampling
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Reply
from jupyter_session_export.recording.sampling import Sampler
from jupyter_session_export.records.execution import ExecutionKey, Kernel
from jupyter_session_export.records.times import now
from jupyter_session_export.records.usage import Told
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import CHANNELS, FedKernel
from tests.waiting import wait_until

FIRST, SECOND = ExecutionKey("k", 1, "a"), ExecutionKey("k", 1, "b")
MIB = 2**20


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sampler]:
    """A sampler of this very process, as the kernel "k"."""
    monkeypatch.setattr(sampling, "SAMPLE_SECONDS", 0.01)
    sampler = Sampler(logging.getLogger(__name__))
    sampler.start()
    sampler.add("k", os.getpid())
    yield sampler
    sampler.close(10)


def burn(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_what_is_used_in_between_counts(sampler: Sampler) -> None:
    """CPU time from begin to end, and memory that was given back before the end."""
    sampler.begin(FIRST)
    before = sampler._kernels["k"].running[FIRST].peak_rss_bytes
    burn(0.1)
    # Fresh pages: what this process has freed before may still be its own.
    with mmap.mmap(-1, 64 * MIB) as large:
        large[::4096] = b"x" * (64 * MIB // 4096)
        wait_until(lambda: sampler._kernels["k"].running[FIRST].peak_rss_bytes > before + 32 * MIB)
    usage = sampler.end(FIRST)
    assert usage is not None
    assert usage.cpu_ms is not None
    assert usage.cpu_ms >= 90
    assert usage.peak_rss_bytes is not None
    assert usage.peak_rss_bytes > before + 32 * MIB


def test_a_kernel_that_tells_is_left_alone_at_first(sampler: Sampler) -> None:
    """Once it has told, an execution that is over before the next sample costs none."""
    sampler.begin(FIRST)
    sampler.end(FIRST, Told(cpu_ms=1.0))
    sampler._kernels["k"].family.sample = None  # type: ignore[assignment, method-assign]
    with sampler._lock:
        sampler._kernels["k"].running.clear()
    sampler.begin(SECOND)
    usage = sampler._kernels["k"].running[SECOND]
    assert usage.first is None


def test_nothing_is_sampled_while_nothing_runs(
    sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread sleeps until something begins, and goes to sleep again."""
    sampler.begin(FIRST)
    sampler.end(FIRST)
    wait_until(lambda: not sampler._wanted.is_set())
    looked = threading.Event()
    monkeypatch.setattr(sampler, "_look", lambda: looked.set() or False)
    assert not looked.wait(0.1)
    sampler.begin(SECOND)
    assert looked.wait(10)


def test_of_an_unknown_kernel_its_own_word_is_all(sampler: Sampler) -> None:
    """As of one behind a gateway; without a word nothing is known."""
    key = ExecutionKey("other", 1, "a")
    sampler.begin(key)
    assert sampler.end(key) is None
    usage = sampler.end(key, Told(cpu_ms=2.5))
    assert usage is not None
    assert (usage.cpu_ms, usage.peak_rss_bytes, usage.memory_limit_bytes) == (2.5, None, None)


def test_a_kernel_that_is_gone_is_forgotten(sampler: Sampler) -> None:
    """With all that ran in it; its successor has a process of its own."""
    sampler.begin(FIRST)
    sampler.remove("k")
    sampler.remove("k")
    assert sampler.end(FIRST) is None
    sampler.add("k", os.getpid())
    kernel = sampler._kernels["k"]
    sampler.add("k", os.getpid())
    assert sampler._kernels["k"] is kernel


def test_a_failure_ends_no_sampling(
    sampler: Sampler, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told of, and the next round comes."""

    def fail() -> bool:
        raise RuntimeError("no luck")

    monkeypatch.setattr(sampler, "_look", fail)
    for count in (1, 2):
        sampler.begin(FIRST)
        wait_until(lambda: len(caplog.records) >= count)  # noqa: B023  # waited for here
    assert "no luck" in caplog.text


def test_a_recorded_execution_has_its_usage(recorder: Recorder, sink: FakeSink) -> None:
    """Of an execution that ends, and of one whose kernel is gone."""
    kernel = FedKernel(recorder, sink.session.id)
    local = Kernel(kernel.id, "python3", "python", ".py")
    recorder.kernels.add(local, sink.session.id, CHANNELS, os.getpid())
    kernel.run("a")
    kernel.busy("b")
    recorder.kernels.died(kernel.id, "kernel died")
    ended, lost = sink.wait_ended(2)
    for execution in (ended, lost):
        assert execution.usage.cpu_ms is not None
        assert execution.usage.peak_rss_bytes is not None
        assert execution.usage.peak_rss_bytes > MIB


async def test_an_end_that_was_not_heard_ends_the_sampling(
    recorder: Recorder, sink: FakeSink
) -> None:
    """Else the kernel's processes would be looked at for as long as it lives."""
    kernel = FedKernel(recorder, sink.session.id)
    local = Kernel(kernel.id, "python3", "python", ".py")
    recorder.kernels.add(local, sink.session.id, CHANNELS, os.getpid())
    kernel.busy("a")
    for number in range(50):
        kernel.frames("a", "stream", {"name": "stdout", "text": str(number)})
    recorder.kernels.replied(Reply(kernel.id, "a", now(), {"status": "ok"}))
    kernel.run("b")
    await recorder.freeze(sink)
    cut, _ = sink.all()
    assert cut.usage.cpu_ms is not None
    assert recorder._sampler._kernels[kernel.id].running == {}
