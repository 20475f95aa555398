"""What a running execution asks a person, and the answers."""

from __future__ import annotations

import json

from jupyter_session_export.recording import outcome
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Answer, Prompt, Request
from jupyter_session_export.records.execution import Execution, Status
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


def ask(recorder: Recorder, prompt: str, *, password: bool = False, msg_id: str = "a") -> None:
    recorder.kernels.asked(Prompt("k1", msg_id, f"id of {prompt}", prompt, password, now()))


def answer(recorder: Recorder, to: str, value: str | None, msg_id: str = "a") -> None:
    recorder.kernels.answered(Answer("k1", msg_id, f"id of {to}", value, now()))


def inputs(execution: Execution) -> list[tuple[str, str | None, bool]]:
    return [(one.prompt, one.value, one.password) for one in execution.inputs]


async def test_questions_and_answers_are_part_of_the_execution(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """In metadata.json and in inputs.json, in order; what nobody answered has no value."""
    kernel.busy("a")
    await recorder.settle(sink.session.id)
    ask(recorder, "Name: ")
    answer(recorder, "Name: ", "Ada")
    ask(recorder, "Key: ", password=True)
    answer(recorder, "Key: ", None)
    ask(recorder, "Sure? ")
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert inputs(execution) == [
        ("Name: ", "Ada", False),
        ("Key: ", None, True),
        ("Sure? ", None, False),
    ]
    assert [one.answered for one in execution.inputs] == [True, True, False]
    document = [one.to_json() for one in execution.inputs]
    assert json.loads(sink.content(execution, "inputs.json")) == document
    assert json.loads(sink.content(execution, "metadata.json"))["input"] == document
    assert Execution.from_json(execution.to_json()) == execution


async def test_no_questions_no_file(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """An execution that asks nothing has no inputs.json."""
    kernel.run("a", "text")
    await recorder.freeze(sink)
    assert "inputs.json" not in sink.names(sink.all()[0])


async def test_a_question_may_come_first(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """It takes another way than the kernel's busy, and may be faster: it is one execution."""
    recorder.kernels.requested(Request(kernel_id="k1", msg_id="a", code="c", received_at=now()))
    ask(recorder, "Name: ")
    answer(recorder, "Name: ", "Ada")
    await recorder.settle(sink.session.id)
    kernel.run("a", "text", code="c")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert execution.status is Status.OK
    assert inputs(execution) == [("Name: ", "Ada", False)]


async def test_nothing_of_a_pause(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """Neither a question of a pause nor its answer after it; nor the answer in a pause."""
    session = sink.session.id
    kernel.busy("a")
    await recorder.settle(session)
    ask(recorder, "one")
    await recorder.settle(session)
    recorder.pause(session)
    answer(recorder, "one", "secret")
    ask(recorder, "two")
    await recorder.settle(session)
    recorder.resume(session)
    answer(recorder, "two", "secret")
    kernel.busy("b")
    ask(recorder, "three", msg_id="b")
    answer(recorder, "three", "known", msg_id="b")
    await recorder.settle(session)
    kernel.idle("a")
    kernel.idle("b")
    await recorder.freeze(sink)
    first, second = sink.all()
    assert inputs(first) == [("one", None, False)]
    assert inputs(second) == [("three", "known", False)]


async def test_what_comes_after_the_end_starts_nothing(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A question of an execution that has ended neither reopens it nor begins another."""
    kernel.run("a", "text")
    await recorder.freeze(sink)
    ask(recorder, "late")
    answer(recorder, "late", "x")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert execution.inputs == ()


async def test_questions_are_bounded(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """What an execution asks beyond a bound is left out, and it is marked."""
    kernel.busy("a")
    await recorder.settle(sink.session.id)
    for number in range(outcome.MOST_INPUTS + 5):
        ask(recorder, str(number))
        answer(recorder, str(number), "x")
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert len(execution.inputs) == outcome.MOST_INPUTS
    assert execution.truncated
