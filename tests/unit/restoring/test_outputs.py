"""What a page is told of a run besides its outputs."""

from __future__ import annotations

from dataclasses import replace

from jupyter_session_export.records.execution import (
    Execution,
    ExecutionKey,
    Input,
    Kernel,
    Status,
)
from jupyter_session_export.records.times import from_iso
from jupyter_session_export.restoring.outputs import question_of
from tests.unit.restoring.runs import ENDED

AT = from_iso(ENDED)


def running(*inputs: Input) -> Execution:
    return Execution(
        key=ExecutionKey("k1", 1, "m1"),
        number=1,
        session_id="0" * 32,
        user_id="ada",
        kernel=Kernel("k1", "python3", "python", ".py"),
        status=Status.RUNNING,
        started_at=AT,
        inputs=inputs,
    )


def test_a_question_waits_until_it_is_answered() -> None:
    """The last one, with how many came before; none where the run is over, or has asked nothing."""
    name = Input("who? ", "you", password=False, asked_at=AT, answered=True)
    secret = Input("key: ", password=True, asked_at=AT)
    waiting = running(name, secret)
    assert question_of(waiting) == {"number": 1, "prompt": "key: ", "password": True}
    assert question_of(running(name)) is None
    assert question_of(running()) is None
    assert question_of(replace(waiting, status=Status.INTERRUPTED)) is None
