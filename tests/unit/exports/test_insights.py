from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.errors import CancelledByUser
from jupyter_session_export.exports import insights as module
from jupyter_session_export.exports.direct import recorded_insights
from jupyter_session_export.exports.insights import session_insights
from jupyter_session_export.records.activity import ACTIVITY, LogLine
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, ExecutionKey, Kernel, Status
from jupyter_session_export.records.finding import Insights
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.records.usage import Usage
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
PYTHON = Kernel("k1", "python3", "python", ".py")


class Recording:
    """Writes executions, one after the other."""

    def __init__(self, record: Record, catalog: Catalog) -> None:
        self.record = record
        self.catalog = catalog
        self.at = AT
        self.number = 0

    def run(
        self, code: str, seconds: float, cell: str, printed: bytes = b"", **changes: Any
    ) -> None:
        self.number += 1
        end = self.at + timedelta(seconds=seconds)
        fields: dict[str, Any] = {
            "key": ExecutionKey("k1", 1, f"m{self.number}"),
            "number": self.number,
            "session_id": self.record.session.id,
            "user_id": "ada",
            "kernel": PYTHON,
            "notebook": "a.ipynb",
            "cell_id": cell,
            "status": Status.OK,
            "submitted_at": self.at,
            "started_at": self.at,
            "finished_at": end,
            **changes,
        }
        contents = {"source.py": code.encode(), "stdout.txt": printed}
        members = [
            Member(name, self.record.blobs.put(data), end)
            for name, data in contents.items()
            if data
        ]
        self.record.write(Execution(**fields), members, source_head=code)
        self.record.commit()
        self.at = end

    def insights(self, after: float = 0.0, check: Callable[[], None] = lambda: None) -> Insights:
        session = self.record.session.id
        with self.catalog.read(session) as reader, reader.plan(tools=True) as plan:
            return session_insights(reader, plan, self.at.timestamp() + after, check=check)

    def codes(self) -> list[str]:
        return [finding.code for finding in self.insights().findings]

    def save(self, *cells: str) -> None:
        """Write the notebook with these cells, long after."""
        listed = [{"cell_type": "code", "id": cell, "source": ""} for cell in cells]
        text = json.dumps({"cells": [{"cell_type": "markdown"}, *listed], "nbformat": 4})
        Path(self.record.session.root, "a.ipynb").write_text(text)


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    catalog = Catalog(tmp_path / "data")
    root = tmp_path / "root"
    root.mkdir()
    record = catalog.open(SessionKey("ada", str(root)))
    yield Recording(record, catalog)
    record.close()


def test_a_record_is_a_time_line(recording: Recording) -> None:
    """Codes, times, processor time and output are in it."""
    recording.run("r = fetch()", 10.0, "c1", usage=Usage(cpu_ms=500.0))
    recording.run("for i in r: print(i)", 3.0, "c2", b"x" * 20_000_000, usage=Usage(cpu_ms=2900.0))
    insights = recording.insights()
    assert [each.code for each in insights.findings] == ["WAITING", "OUTPUT_FLOOD"]
    waiting, flood = insights.findings
    assert waiting.figures["waiting_seconds"] == 9.5
    assert waiting.cells == ("a.ipynb#c1",)
    assert flood.figures["output_bytes"] == 20_000_000
    timing = insights.timing
    assert (timing["executing_ms"], timing["cpu_ms"], timing["waiting_ms"]) == (13000, 3400, 9600)
    assert timing["distribution"] == {"busy": 100.0, "idle": 0.0}
    assert "importing_ms" not in timing


def test_what_is_measured_is_of_the_plan_s_position(recording: Recording) -> None:
    """An execution that goes on, or is purged, after the plan was made counts as it stood then."""
    recording.run("r = fetch()", 10.0, "c1", usage=Usage(cpu_ms=500.0))
    session = recording.record.session.id
    with recording.catalog.read(session) as reader, reader.plan() as plan:
        recording.record.purge([1], [])
        recording.record.commit()
        insights = session_insights(reader, plan, recording.at.timestamp())
    assert insights.timing["cpu_ms"] == 500


def test_what_tools_ran_and_what_still_runs_does_not_count(recording: Recording) -> None:
    """Nobody can change the one, and the other isn't over."""
    recording.run("r = fetch()", 10.0, "c1", usage=Usage(cpu_ms=0.0), tool=True)
    recording.run("r = fetch()", 10.0, "c1", status=Status.RUNNING, finished_at=None)
    insights = recording.insights()
    assert insights.findings == ()
    assert (insights.timing["executions"], insights.timing["timed"]) == (1, 0)


def test_the_order_of_cells_is_that_of_the_saved_notebook(recording: Recording) -> None:
    """Names tell which cell used what another had made."""
    recording.run("x = 1", 0.1, "c1")
    recording.run("print(x)", 0.1, "c2")
    assert recording.codes() == []
    recording.save("c1", "c2")
    assert recording.codes() == []
    recording.save("c2", "c1")
    assert recording.codes() == ["OUT_OF_ORDER"]
    recording.save("c2")
    assert recording.codes() == ["HIDDEN_STATE"]


@pytest.mark.parametrize("text", ["", "[]", '{"cells": [{"cell_type": "code"}]}', "[" * 100_000])
def test_a_notebook_that_can_not_be_read_has_no_order(recording: Recording, text: str) -> None:
    """Nothing is said then of the order of its cells."""
    recording.run("x = 1", 0.1, "c1")
    recording.run("print(x)", 0.1, "c2")
    Path(recording.record.session.root, "a.ipynb").write_text(text)
    assert recording.codes() == []


def test_a_kernel_is_idle_until_it_was_shut_down(recording: Recording) -> None:
    """As the activity log says, not until now."""
    recording.run("x = 1", 0.1, "c1")
    line = LogLine(ACTIVITY, recording.at + timedelta(hours=2), "s", "ada", "kernel.shutdown", "k1")
    recording.record.log(line)
    recording.record.commit()
    (found,) = recording.insights(after=86400.0).findings
    assert found.code == "IDLE_KERNEL"
    assert found.figures["idle_seconds"] == 7200.0


@pytest.mark.parametrize(("by_this_server", "codes"), [(True, ["IDLE_KERNEL"]), (False, [])])
def test_a_kernel_is_alive_if_its_server_is(
    recording: Recording, by_this_server: bool, codes: list[str]
) -> None:
    """One of a server that has crashed since may have gone at any time."""
    recording.at = now() + timedelta(seconds=1)
    started = recording.at if by_this_server else AT
    recording.run("x = 1", 0.1, "c1")
    recording.record.log(LogLine(ACTIVITY, started, "s", "ada", "kernel.start", "k1"))
    recording.record.commit()
    assert [each.code for each in recording.insights(after=7200).findings] == codes


@pytest.mark.parametrize(
    ("usage", "codes"),
    [
        (Usage(cpu_ms=9900.0, peak_rss_bytes=950), ["MEMORY_NEAR_LIMIT", "ONE_CORE"]),
        (Usage(cpu_ms=9900.0, peak_rss_bytes=950, cpu_limit=1.0), ["MEMORY_NEAR_LIMIT"]),
        (Usage(cpu_ms=9900.0, peak_rss_bytes=950, memory_limit_bytes=2000), ["ONE_CORE"]),
    ],
)
def test_what_a_kernel_may_use_is_its_containers_share(
    recording: Recording, usage: Usage, codes: list[str]
) -> None:
    """Else what there is for the server."""
    capacity = {"memory_bytes": 1000, "cpus": 8.0}
    recording.record.set_value("environment", {"capacity": capacity})
    recording.run("loop()", 10.0, "c1", usage=usage)
    assert recording.codes() == codes


def test_only_the_newest_sources_are_looked_at(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is beyond counts as not known."""
    monkeypatch.setattr(module, "MOST_SOURCES", 1)
    recording.run("x = 1", 0.1, "c1")
    recording.run("print(x)", 0.1, "c2")
    recording.save("c2", "c1")
    assert recording.codes() == []


def test_a_damaged_source_is_not_known(recording: Recording) -> None:
    """The export tells of the damage; the rest has its insights."""
    recording.run("%pip install a", 5.0, "c1")
    assert recording.codes() == ["INSTALLS_IN_CELLS"]
    recording.record.commit()
    recording.record._database.change("UPDATE blobs SET content = x'00'", ())
    recording.record.commit()
    assert recording.codes() == []


def test_who_asked_can_stop_it(recording: Recording) -> None:
    """Between executions and between sources."""
    recording.run("x = 1", 0.1, "c1")

    def stop() -> None:
        raise CancelledByUser("stop")

    with pytest.raises(CancelledByUser):
        recording.insights(check=stop)


def test_insights_are_had_without_an_export(recording: Recording) -> None:
    """As `stats` shows them."""
    recording.run("r = fetch()", 10.0, "c1", usage=Usage(cpu_ms=500.0))
    found = recorded_insights(recording.catalog, recording.record.session.id)
    assert "WAITING" in [finding.code for finding in found.findings]
