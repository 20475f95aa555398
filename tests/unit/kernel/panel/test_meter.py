"""Samples of memory and processor: bounded, and with their peaks."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.kernel.panel import meter as module
from jupyter_session_export.kernel.panel.meter import (
    MOST_SAMPLES,
    Meter,
    Sample,
    loads,
    samples_of,
    thinned,
)
from tests.unit.kernel.panel.ended import MB, ended


def test_what_ran_before_is_where_it_begins() -> None:
    """Two samples of each execution, with the processor's time counted back."""
    samples = samples_of([ended(1), ended(2, cpu_ms=250.0)], cpu=10.0)
    assert [each.clock for each in samples] == [10, 11, 20, 21]
    assert [each.cpu for each in samples] == [9.25, 9.75, 9.75, 10.0]
    assert [each.rss for each in samples] == [None, 100 * MB, None, 100 * MB]
    assert [each.peak for each in samples] == [None, 120 * MB, None, 120 * MB]


@given(st.lists(st.integers(1, 10**10), min_size=3, max_size=50))
def test_thinning_keeps_the_peak_and_the_newest(sizes: list[int]) -> None:
    """Half of them are enough for a curve."""
    samples = [Sample(float(at), size, float(at)) for at, size in enumerate(sizes)]
    kept = thinned(samples)
    assert kept[-1] == samples[-1]
    assert max(each.rss or 0 for each in kept) == max(sizes)
    assert kept[0].clock == 0
    assert len(kept) <= len(samples) // 2 + 1
    assert kept == sorted(kept)


def test_a_week_takes_no_more_room_than_a_minute() -> None:
    """Samples get farther apart."""
    meter = Meter()
    for at in range(5000):
        meter.add(float(at), at / 2)
    assert len(meter.samples) <= MOST_SAMPLES
    assert meter.samples[-1].clock == 4999
    assert meter.samples[0].clock == 0
    gaps = [later.clock - one.clock for one, later in pairwise(meter.samples)]
    assert max(gaps) < 5000 / (MOST_SAMPLES / 4)
    assert all(load == 0.5 for _, load in loads(meter.samples)[1:])


A_PEAK = """
from jupyter_session_export.kernel.panel.meter import Meter
meter = Meter()
meter.add(0.0, 0.0)
block = b"x" * 200_000_000
del block
meter.add(1.0, 0.0)
last = meter.samples[-1]
assert last.peak > last.rss + 100_000_000, last
"""


def test_memory_that_is_gone_by_then_is_a_peak() -> None:
    """Nobody looks often enough to see it; of a process that never had more before."""
    subprocess.run([sys.executable, "-c", A_PEAK], check=True, timeout=60)


def test_children_count_while_they_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in what ran before: what they took is told at their end, and lies before it."""
    taken = [(0.0, 0.0)]
    monkeypatch.setattr(module, "processor_seconds", lambda: taken[0])
    meter = Meter()
    for at in range(5):
        meter.look(float(at), since=0.0)
    taken[0] = (0.0, 8.0)
    meter.look(5.0, since=1.0)
    assert [load for _, load in loads(meter.samples)] == [0.0, 2.0, 2.0, 2.0, 2.0]


def test_the_load_is_what_was_used_between() -> None:
    """Two samples at one time say nothing."""
    samples = [Sample(0.0, 1, 0.0), Sample(2.0, 1, 1.0), Sample(2.0, 1, 1.0), Sample(3.0, 1, 3.0)]
    assert loads(samples) == [(2.0, 0.5), (3.0, 2.0)]
