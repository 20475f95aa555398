"""A client may use a msg_id again, also when its first use is long forgotten."""

from __future__ import annotations

import pytest

from jupyter_session_export.recording import index
from jupyter_session_export.recording.recorder import Recorder
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


def printed(sink: FakeSink) -> list[tuple[str, int, bytes]]:
    return [(one.key.msg_id, one.key.repeat, sink.content(one, "stdout.txt")) for one in sink.all()]


async def test_what_is_forgotten_is_not_overwritten(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only so many of a session's executions are known by heart."""
    monkeypatch.setattr(index, "MOST_ENDED", 1)
    for text in ("first", "second", "third"):
        kernel.run("same", text)
        kernel.run(f"after {text}", "x")
        await recorder.freeze(sink)
        recorder._sessions[sink.session.id].archivist.release()
    same = [one for one in printed(sink) if one[0] == "same"]
    assert same == [("same", 0, b"first"), ("same", 1, b"second"), ("same", 2, b"third")]


async def test_what_an_earlier_server_recorded_is_not_overwritten(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """The kernel of a gateway keeps its id, and its client may use a msg_id again."""
    kernel.run("same", "before")
    await recorder.freeze(sink)
    again = Recorder()
    again.start()
    again.attach_session(sink)
    FedKernel(again, sink.session.id, kernel.id).run("same", "after")
    await again.aclose()
    assert printed(sink) == [("same", 0, b"before"), ("same", 1, b"after")]
