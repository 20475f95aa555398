from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.timing import (
    COMPLETED,
    CONNECTING,
    DOWNLOADING,
    EXECUTING,
    FAILED,
    INITIALIZING,
    INSTALLING,
    UPLOADING,
)
from jupyter_session_export.stopwatch import Stopwatch

STAGES = (INITIALIZING, CONNECTING, UPLOADING, INSTALLING, EXECUTING, DOWNLOADING)


class Clock:
    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def test_each_stage_has_its_time() -> None:
    """One begins where the one before ends."""
    clock = Clock()
    watch = Stopwatch(clock=clock)
    for stage in STAGES[1:]:
        clock.at += 2.0
        watch.enter(stage, f"now {stage}", step=stage)
    clock.at += 10.0
    watch.end(COMPLETED)
    timing = watch.timing()
    assert timing.per_stage == {**dict.fromkeys(STAGES[:-1], 2.0), DOWNLOADING: 10.0, COMPLETED: 0}
    assert [each.start for each in timing.stages] == [0, 2, 4, 6, 8, 10, 20]
    assert [each.percent for each in timing.stages] == [100.0] * 7
    assert timing.stages[1].message == "now connecting"
    assert timing.stages[1].details == {"step": "connecting"}
    assert timing.distribution[DOWNLOADING] == 50.0


def test_the_present_stage_grows() -> None:
    """Whoever looks sees the time so far, and how far it is said to be."""
    clock = Clock()
    watch = Stopwatch(clock=clock)
    watch.enter(UPLOADING)
    watch.tell(40.0, "a.csv", bytes=4)
    watch.tell(details=1)
    clock.at += 3.0
    (_, present) = watch.timing().stages
    assert (present.elapsed, present.percent, present.message) == (3.0, 40.0, "a.csv")
    assert present.details == {"bytes": 4, "details": 1}
    watch.tell(900.0)
    assert watch.timing().stages[-1].percent == 100.0


def test_entering_the_present_stage_changes_nothing() -> None:
    """Callers may say again and again what is being done."""
    watch = Stopwatch()
    for _ in range(3):
        watch.enter(EXECUTING)
    assert [each.stage for each in watch.timing().stages] == [INITIALIZING, EXECUTING]


def test_after_its_end_the_clock_stands_still() -> None:
    """A late stage is none; a later end only tells what became of it."""
    clock = Clock()
    watch = Stopwatch(clock=clock)
    clock.at += 1.0
    watch.end(COMPLETED)
    clock.at += 5.0
    watch.enter(EXECUTING)
    assert (watch.stage, watch.elapsed) == (COMPLETED, 1.0)
    watch.end(FAILED)
    assert (watch.stage, watch.elapsed) == (FAILED, 1.0)


def test_what_was_measured_elsewhere_is_shown_as_it_was() -> None:
    """A server that was started again tells the stages of an export that another prepared."""
    clock = Clock()
    watch = Stopwatch(clock=clock)
    clock.at += 2.5
    watch.end(COMPLETED)
    assert Stopwatch.stopped(watch.timing()).timing() == watch.timing()


@given(st.lists(st.tuples(st.sampled_from(STAGES), st.floats(0, 1e6)), max_size=30))
def test_stages_leave_no_gap_and_add_up(steps: list[tuple[str, float]]) -> None:
    """However a workflow goes, its stages are all of its time."""
    clock = Clock()
    watch = Stopwatch(clock=clock)
    for stage, seconds in steps:
        clock.at += seconds
        watch.enter(stage)
    timing = watch.timing()
    assert abs(sum(timing.per_stage.values()) - timing.total) <= 1e-9 * max(1.0, timing.total)
    for one, other in zip(timing.stages, timing.stages[1:], strict=False):
        assert abs(one.start + one.elapsed - other.start) <= 1e-9 * max(1.0, other.start)


def test_an_end_from_another_thread_is_the_end() -> None:
    """A worker that goes on for a moment can't start the clock again."""
    watch = Stopwatch()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            watch.enter(UPLOADING)
            watch.enter(EXECUTING)
            if len(watch.timing().stages) > 500:
                stop.set()

    worker = threading.Thread(target=work)
    worker.start()
    watch.end(FAILED)
    stop.set()
    worker.join()
    assert watch.stage == FAILED
    assert watch.elapsed == watch.elapsed
