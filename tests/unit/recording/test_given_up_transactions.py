"""SQLite gives up a transaction, as it does on a full disk: what was shown just before is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jupyter_session_export.recording import recorder as recorder_module
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record
from tests.unit.recording.feed import FedKernel

LONG = "<p>one of many</p>" * 200


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Catalog(tmp_path / "data").open(SessionKey("ada", "/home/ada"))


@pytest.fixture
async def recorder(record: Record, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Recorder]:
    monkeypatch.setattr(recorder_module, "ECHO_SECONDS", 0.01)
    # Nothing is committed but by a freeze.
    monkeypatch.setattr(recorder_module, "TICK", 3600)
    recorder = Recorder(retry_after=0.0)
    recorder.start()
    recorder.attach_session(record)
    yield recorder
    await recorder.aclose()


@pytest.mark.parametrize("size", ["small", "large"])
async def test_a_rich_output_of_the_last_moment_is_whole(
    recorder: Recorder, record: Record, size: str
) -> None:
    """Whether its content lay in the database or beside it; the recording goes on."""
    # Random enough to be a file of its own.
    html = LONG if size == "small" else LONG + "".join(f"{n * n * 7919:x}" for n in range(60_000))
    kernel = FedKernel(recorder, record.session.id)
    kernel.busy("shows")
    kernel.show("shows", "shown", **{"text/html": html})
    await recorder._in_thread(lambda: record._database.rows("ROLLBACK"))
    kernel.stream("shows", "printed")
    kernel.idle("shows")
    await recorder.freeze(record)
    assert recorder.state(record.session.id) == "on"
    catalog = Catalog(record.folder.path.parents[1])
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        (execution,) = plan.executions
        members = {member.name: member.sealed for member in execution.members}
        assert reader.read(members["stdout.txt"]) == b"printed"
        shown, _ = json.loads(reader.read(members["outputs.json"]))
        assert reader.read(members[shown["data"]["text/html"]["$ref"]]).decode() == html
        assert not execution.truncated
