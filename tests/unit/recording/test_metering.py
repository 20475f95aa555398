"""What samples, and a kernel's own word, make of an execution."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from jupyter_session_export.recording.metering import Metered
from jupyter_session_export.recording.processes import ProcessFamily, Sample
from jupyter_session_export.records.usage import Limits, Told, Usage
from tests.waiting import wait_until

LIMITS = Limits(memory_bytes=1000, cpus=0.5)
BUSY = "import time\nwhile True: pass"


def metered(*samples: Sample | None) -> Metered:
    taken = Metered()
    for sample in samples:
        taken.take(sample)
    return taken


def test_the_first_sample_is_taken_off() -> None:
    """What a kernel had used before isn't the execution's; memory is the most that it held."""
    first = Sample(1000, 0, 500, 10, 20)
    usage = metered(first, Sample(1100, 0, 900, 11, 20), Sample(1200.5, 0, 400, 15, 40))
    assert usage.usage(LIMITS) == Usage(
        cpu_ms=200.5,
        peak_rss_bytes=900,
        read_bytes=5,
        write_bytes=20,
        memory_limit_bytes=1000,
        cpu_limit=0.5,
    )


def test_a_dead_kernels_last_sample_counts() -> None:
    """There is no sample of its end."""
    usage = metered(Sample(0, 0, 1, None, None), Sample(50, 0, 2, None, None), None).usage(LIMITS)
    assert (usage.cpu_ms, usage.read_bytes) == (50, None)


def test_children_count_while_they_live_and_afterwards() -> None:
    """A child that was waited for is counted by its parent, and taken off as a living one."""
    begun, working = Sample(10, 0, 1, None, None), Sample(10, 70, 1, None, None)
    assert metered(begun, working).usage(LIMITS).cpu_ms == 70
    # It had used 70 ms before this execution and 100 when it ended.
    assert metered(working, Sample(110, 0, 1, None, None)).usage(LIMITS).cpu_ms == 30


def test_the_kernels_own_word_is_more_exact() -> None:
    """It knows its own CPU time and peak; samples know of children that still run."""
    told = Told(cpu_ms=3.25, peak_rss_bytes=2000, read_bytes=100, write_bytes=0)
    alone = metered().usage(LIMITS, told)
    assert (alone.cpu_ms, alone.peak_rss_bytes, alone.read_bytes) == (3.25, 2000, 100)
    sampled = metered(Sample(0, 0, 5000, 0, 0), Sample(20, 40, 10, 0, 8))
    both = sampled.usage(LIMITS, told)
    assert (both.cpu_ms, both.peak_rss_bytes) == (43.25, 5000)
    assert (both.read_bytes, both.write_bytes) == (100, 8)


def test_without_samples_and_word_nothing_is_known() -> None:
    """None, where zero would be a claim."""
    usage = metered().usage(Limits())
    assert usage == Usage()


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    """A process with a child that keeps a processor busy; both are gone when the test ends."""
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {BUSY!r}])\n"
    code += "print(p.pid, flush=True); sys.stdin.read(); p.kill(); p.wait()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.communicate("")


def test_a_familys_children_are_found(parent: subprocess.Popen[str]) -> None:
    """What a kernel starts is sampled with it, and is its own when it has been waited for."""
    family = ProcessFamily(parent.pid)
    family.find_children()
    alone = family.sample()
    assert alone is not None
    wait_until(lambda: (sample := family.sample()) and sample.children_cpu_ms >= 100)
    last = family.sample()
    assert last is not None
    assert last.rss_bytes > alone.rss_bytes / 2
    assert last.cpu_ms < last.children_cpu_ms + alone.cpu_ms
    parent.communicate("")
    assert family.sample() is None


def test_looking_for_children_is_bounded(parent: subprocess.Popen[str]) -> None:
    """It takes a twentieth of the time at most."""
    family = ProcessFamily(parent.pid)
    family.find_children()
    found = family._children
    assert len(found) == 1
    family._scan_at = time.monotonic() + 60
    family.find_children()
    assert family._children is found


def test_a_process_that_never_was() -> None:
    """There is nothing to sample."""
    family = ProcessFamily(2**22 + 1)
    family.find_children()
    assert family.sample() is None


def test_a_child_counts_from_its_birth_on() -> None:
    """Also where the first sample came later; one that was there before counts from then on."""
    taken = Metered(100.0)
    old, young = (90.0, 500.0), (100.1, 175.0)
    taken.take(Sample(10, 675, 1, None, None, (old, young)))
    taken.take(Sample(10, 820, 1, None, None, ((90.0, 520.0), (100.1, 300.0))))
    assert taken.usage(LIMITS).cpu_ms == 320
