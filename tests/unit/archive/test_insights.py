from __future__ import annotations

import io
import json
import zipfile

from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.records.finding import HIGH, Finding, Insights
from tests.unit.archive.samples import MemoryStore, content, execution, streamed

FINDING = Finding(
    code="WAITING",
    what="Execution 1 (fetch()) waited 9.5 s of 10.0 s.",
    advice="Fetch several at once.",
    executions=(1,),
    cells=("a.ipynb#c1",),
    figures={"waiting_seconds": 9.5},
    saving_seconds=9.5,
    confidence=HIGH,
    why="it is measured",
)
INSIGHTS = Insights(
    {
        "executing_ms": 10000.0,
        "waiting_ms": 9500.0,
        "distribution": {"busy": 62.5, "idle": 37.5},
    },
    (FINDING,),
)


def members(insights: Insights, include: frozenset[str]) -> dict[str, str]:
    store = MemoryStore()
    asked: list[Insights] = []

    def make() -> Insights:
        asked.append(insights)
        return insights

    export = content(store, executions=[execution(store, 1)], insights=make, include=include)
    assert not asked
    with zipfile.ZipFile(io.BytesIO(streamed(plan_archive(export), store))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_timing_and_insights_are_in_the_metadata_and_in_the_summary() -> None:
    """With all figures in the one, in words in the other."""
    packed = members(INSIGHTS, frozenset({"data"}))
    document = json.loads(packed["data/session_metadata.json"])
    assert document["timing"] == INSIGHTS.timing
    assert document["insights"] == [FINDING.to_json()]
    summary = packed["SESSION_SUMMARY.txt"]
    assert "of that waiting" in summary
    assert "62.5 % of the time" in summary
    assert "    WAITING (sure: high, could save 9.5 s)\n" in summary
    assert "        Execution 1 (fetch()) waited 9.5 s of 10.0 s.\n" in summary


def test_the_summary_has_them_without_the_data() -> None:
    """Whatever was asked for."""
    packed = members(INSIGHTS, frozenset({"executions"}))
    assert "data/session_metadata.json" not in packed
    assert "WAITING (sure: high" in packed["SESSION_SUMMARY.txt"]


def test_where_there_is_nothing_to_say_nothing_is_said() -> None:
    """No empty heading."""
    summary = members(Insights(), frozenset({"data"}))["SESSION_SUMMARY.txt"]
    assert "Insights" not in summary
    assert "Timing" not in summary
