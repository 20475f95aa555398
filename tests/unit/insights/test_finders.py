"""All findings together: their order, their words, and whatever was measured."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.insights.finders import find_insights
from jupyter_session_export.insights.sources import look_at, silence_warnings
from jupyter_session_export.insights.timeline import Layout, Run, Timeline
from jupyter_session_export.records.finding import finding_lines, spelled

from .runs import MB, Notebook, clean, layout


def test_of_a_clean_notebook_nothing_is_said() -> None:
    """Also with all that is known of it."""
    notebook = clean()
    cells = dict.fromkeys(run.cell or "" for run in notebook.runs)
    layouts = layout(notebook, *cells)
    assert notebook.found(layouts=layouts, cores=8, memory_limit=1000 * MB) == ()


def test_the_most_worthwhile_comes_first() -> None:
    """And no kind is told of more than five times."""
    notebook = Notebook()
    for number in range(9):
        notebook.run(f"fetch{number}()", 3.0 + number, cpu=0.0)
    found = notebook.found()
    assert [each.saving_seconds for each in found] == [11.0, 10.0, 9.0, 8.0, 7.0]


def test_findings_are_written_as_lines_and_as_json() -> None:
    """Each with code, evidence, advice and where."""
    notebook = Notebook()
    notebook.run("r = fetch(\N{SNOWMAN})\n" + "x" * 200, 10.0, cpu=0.5)
    found = notebook.found()
    text = "\n".join(finding_lines(found))
    assert text.startswith("WAITING (sure: medium, could save 9.5 s)\n    Execution 1 (r = fetch(")
    assert "Executions: 1" in text
    assert max(map(len, text.splitlines())) <= 100
    (written,) = json.loads(json.dumps([each.to_json() for each in found]))
    assert written["figures"]["waiting_seconds"] == 9.5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.5, "9.5 s"), (119.0, "119.0 s"), (150, "2.5 min"), (9000, "2.5 h")],
)
def test_time_spans_are_written_in_a_unit_that_suits_them(seconds: float, text: str) -> None:
    """Nobody reads 25,000 seconds."""
    assert spelled(seconds) == text


NUMBERS = st.none() | st.floats(0, 1e6)
CODES = st.sampled_from(
    [
        *("x = 1", "y = x", "x += 1", "def f(): return x", "f()", "del x", "%pip install a"),
        *("%run a", "from a import *", "import a", "a.b()", "!ls", "not python at all", ""),
    ]
)
RUNS = st.builds(
    Run,
    number=st.integers(1, 60),
    kernel=st.sampled_from(["a.1", "a.2", "b.1"]),
    language=st.sampled_from(["python", "bash"]),
    notebook=st.sampled_from([None, "a.ipynb"]),
    cell=st.sampled_from([None, "c1", "c2", "c3"]),
    source=st.none() | CODES,
    head=st.text(max_size=5),
    status=st.sampled_from(["ok", "error", "running", "lost"]),
    submitted=NUMBERS,
    started=NUMBERS,
    finished=NUMBERS,
    seconds=NUMBERS,
    cpu=NUMBERS,
    importing=NUMBERS,
    collecting=NUMBERS,
    writing=NUMBERS,
    delayed=NUMBERS,
    peak_rss=st.none() | st.integers(0, 10**10),
    rss=st.none() | st.integers(0, 10**10),
    disk_bytes=st.none() | st.integers(0, 10**12),
    output_bytes=st.integers(0, 10**9),
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(RUNS, max_size=12),
    NUMBERS,
    st.none() | st.floats(0, 256),
    st.none() | st.integers(0, 10**10),
    st.lists(st.sampled_from(["c1", "c2", "c3"]), unique=True),
    st.floats(0, 1e6),
)
def test_whatever_was_measured_nothing_breaks(
    runs: list[Run],
    present: float | None,
    cores: float | None,
    limit: int | None,
    cells: list[str],
    end: float,
) -> None:
    """No saving is larger than the time that there was, and all of it is JSON."""
    silence_warnings()
    sources = {run.source: look_at(run.source) for run in runs if run.source}
    timeline = Timeline(
        runs=tuple(runs),
        present=present or 0.0,
        sources={code: source for code, source in sources.items() if source},
        layouts={"a.ipynb": Layout(tuple(cells), end)},
        kernel_ends={"a.1": end},
        kernels_alive=frozenset({"b.1"}),
        cores=cores,
        memory_limit=limit,
    )
    for found in find_insights(timeline):
        assert found.executions
        assert found.saving_seconds is None or 0 <= found.saving_seconds <= timeline.total + 0.001
        json.dumps(found.to_json(), allow_nan=False)
        assert list(finding_lines([found]))


@settings(deadline=None, max_examples=30)
@given(st.lists(RUNS.map(lambda r: Run(r.number, r.kernel, source=r.source)), max_size=12))
def test_where_nothing_is_measured_nothing_is_said(runs: list[Run]) -> None:
    """That cells ran is all that is known."""
    assert find_insights(Timeline(runs=tuple(runs), cores=8, memory_limit=10**9)) == ()
