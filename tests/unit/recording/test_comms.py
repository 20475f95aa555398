"""From a kernel's comm messages to the widgets in a record."""

from __future__ import annotations

import json
import time
from typing import Any

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.purge import PurgeScope
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


def show(kernel: FedKernel, msg_id: str, comm_id: str, **state: Any) -> None:
    data = {"state": {"_model_name": "IntProgressModel", **state}, "buffer_paths": []}
    kernel.send(
        msg_id, "comm_open", comm_id=comm_id, target_name="jupyter.widget", data=data, metadata={}
    )


def change(kernel: FedKernel, msg_id: str, comm_id: str, **state: Any) -> None:
    data = {"method": "update", "state": state, "buffer_paths": []}
    kernel.send(msg_id, "comm_msg", comm_id=comm_id, data=data)


def values(sink: FakeSink) -> dict[str, Any]:
    return {
        model.id: json.loads(model.document)["state"]["value"] for model in sink.widgets.values()
    }


async def test_a_progress_bar_costs_little(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """10,000 moves of a bar are written a few times, with its last value at the export."""
    kernel.busy("a")
    show(kernel, "a", "bar", value=0)
    for value in range(1, 10_001):
        change(kernel, "a", "bar", value=value)
    kernel.idle("a")
    await recorder.freeze(sink)
    assert values(sink) == {"bar": 10_000}
    assert next(iter(sink.widgets.values())).executions == {1}
    # Once for each tick of this recorder, which are far shorter than usual.
    assert sink.widget_writes < 2_000


async def test_state_is_kept_while_a_cell_runs(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """It doesn't wait for the end of an execution: a crash finds it in the record."""
    kernel.busy("a")
    show(kernel, "a", "bar", value=3)
    sink.wait_for(lambda: bool(sink.widgets))
    assert values(sink) == {"bar": 3}


async def test_nothing_of_a_pause_is_kept(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """What opens or moves in a pause stays out, also after it, to the end of its execution."""
    kernel.busy("a")
    show(kernel, "a", "before", value=1)
    kernel.idle("a")
    await recorder.settle(sink.session.id)
    recorder.pause(sink.session.id)
    kernel.busy("b")
    show(kernel, "b", "meanwhile", value=2)
    change(kernel, "b", "before", value=2)
    await recorder.settle(sink.session.id)
    recorder.resume(sink.session.id)
    await recorder.settle(sink.session.id)
    show(kernel, "b", "still", value=3)
    change(kernel, "b", "before", value=3)
    kernel.idle("b")
    await recorder.freeze(sink)
    assert values(sink) == {"before": 1}


async def test_a_purge_takes_the_widgets_along(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Purged executions' widgets go, and what is told of them later brings nothing back."""
    for msg_id in "ab":
        kernel.busy(msg_id)
        show(kernel, msg_id, f"of {msg_id}", value=1)
        kernel.idle(msg_id)
    await recorder.freeze(sink)
    await recorder.purge(sink.session.id, PurgeScope(number=1))
    change(kernel, "b", "of a", value=5)
    change(kernel, "b", "of b", value=5)
    await recorder.freeze(sink)
    assert values(sink) == {"of b": 5}


async def test_what_a_failing_store_missed_is_written_later(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Widgets go on being followed while the store fails, and are in it once it works again."""
    kernel.busy("a")
    show(kernel, "a", "bar", value=1)
    await recorder.freeze(sink)
    sink.failing = True
    change(kernel, "a", "bar", value=2)
    while recorder.state(sink.session.id) != "stopped":
        await recorder.settle(sink.session.id)
    assert isinstance(sink.error, StoreUnavailable)
    change(kernel, "a", "bar", value=3)
    sink.failing = False
    deadline = time.monotonic() + 20
    while recorder.state(sink.session.id) != "on" and time.monotonic() < deadline:
        await recorder.settle(sink.session.id)
    await recorder.freeze(sink)
    assert values(sink) == {"bar": 3}
