from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_session_export.records.execution import Execution, ExecutionKey, Kernel, Status
from jupyter_session_export.records.timing import CellTiming
from jupyter_session_export.records.usage import Usage

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
EXECUTION = Execution(
    key=ExecutionKey("k1", 1, "m"),
    number=1,
    session_id="s",
    user_id="ada",
    kernel=Kernel("k1", "python3", "python", ".py"),
    status=Status.OK,
    submitted_at=AT,
    started_at=AT + timedelta(seconds=1),
    finished_at=AT + timedelta(seconds=3),
)
MEASURED = CellTiming(executing_ms=2100.0, importing_ms=500.0, gc_ms=3.0, output_ms=0.0)


def test_timing_is_that_of_the_contract() -> None:
    """What wasn't measured is not named."""
    assert EXECUTION.to_json()["timing_ms"] == {
        "queued": 1000.0,
        "executing": 2000.0,
        "total": 3000.0,
    }


def test_what_the_kernel_measured_is_part_of_it() -> None:
    """Its own clock tells better how long it took; waiting is what was no computing."""
    execution = replace(EXECUTION, timing=MEASURED, usage=Usage(cpu_ms=1600.0))
    assert execution.to_json()["timing_ms"] == {
        "queued": 1000.0,
        "executing": 2100.0,
        "total": 3000.0,
        "importing": 500.0,
        "waiting": 500.0,
        "gc": 3.0,
        "output": 0.0,
    }


def test_times_have_jupyterlabs_names_too() -> None:
    """As in the `execution` of a cell's metadata."""
    times = EXECUTION.to_json()["execution"]
    assert times == {
        "iopub.status.busy": "2026-01-31T12:00:01.000000Z",
        "iopub.status.idle": "2026-01-31T12:00:03.000000Z",
    }
    running = replace(EXECUTION, started_at=None, finished_at=None)
    assert running.to_json()["execution"] == {}


def test_several_cores_are_not_waiting_for_less_than_nothing() -> None:
    """Processor time may be more than time."""
    execution = replace(EXECUTION, usage=Usage(cpu_ms=9000.0))
    assert execution.to_json()["timing_ms"]["waiting"] == 0.0


@pytest.mark.parametrize(
    "execution",
    [
        EXECUTION,
        replace(EXECUTION, timing=MEASURED, usage=Usage(cpu_ms=1.0)),
        replace(EXECUTION, timing=CellTiming(importing_ms=3.0)),
        replace(EXECUTION, status=Status.RUNNING, finished_at=None, submitted_at=None),
    ],
)
def test_an_execution_is_read_as_it_was_written(execution: Execution) -> None:
    """Also what was measured of it, and what wasn't."""
    assert Execution.from_json(json.loads(json.dumps(execution.to_json()))) == execution
