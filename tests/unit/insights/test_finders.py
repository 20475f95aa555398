from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.insights.finders import find_insights
from jupyter_session_export.insights.sources import look_at, silence_warnings
from jupyter_session_export.insights.timeline import Layout, Run, Timeline
from jupyter_session_export.records.finding import HIGH, LOW, MEDIUM, finding_lines, spelled

from .runs import T0, Notebook, only

MB = 1_000_000


def clean() -> Notebook:
    """Return a notebook of which there is nothing to say, with all figures measured."""
    notebook = Notebook()
    for code in (
        "import pandas as pd",
        "df = pd.read_csv('a.csv')",
        "means = df.mean()",
        "def plot(what):\n    what.plot()",
        "plot(means)",
    ):
        seconds = 0.8
        notebook.run(code, seconds, cpu=0.7, rss=100 * MB, peak_rss=120 * MB, importing=0.1)
    return notebook


def layout(notebook: Notebook, *cells: str) -> dict[str, Layout]:
    return {"a.ipynb": Layout(cells, notebook.at)}


def test_of_a_clean_notebook_nothing_is_said() -> None:
    """Also with all that is known of it."""
    notebook = clean()
    cells = dict.fromkeys(run.cell or "" for run in notebook.runs)
    layouts = layout(notebook, *cells)
    assert notebook.found(layouts=layouts, cores=8, memory_limit=1000 * MB) == ()


def test_the_bottleneck_is_named_with_its_share() -> None:
    """One cell of many takes most of the time."""
    notebook = clean()
    notebook.run("model = fit(df)", 12.0)
    notebook.run("model = fit(df)", 8.0)
    found = only(notebook.found(), "BOTTLENECK")
    assert found.figures["seconds"] == 20.0
    assert found.figures["share"] == pytest.approx(20 / 24)
    assert found.executions == (6, 7)
    assert found.saving_seconds == 10.0


def test_no_cell_is_a_bottleneck_where_all_take_long() -> None:
    """Nor where there is hardly another one."""
    notebook = Notebook()
    for number in range(5):
        notebook.run(f"step{number}()", 10.0)
    assert notebook.codes_found() == []
    alone = Notebook()
    alone.run("step()", 60.0)
    assert alone.codes_found() == []


def test_code_that_runs_again_for_nothing_is_found() -> None:
    """The repeats could only do what the first run did."""
    notebook = Notebook()
    notebook.run("import time")
    for _ in range(5):
        notebook.run("time.sleep(1)\nx = 3", 1.0)
    found = only(notebook.found(), "REPEATED")
    assert found.executions == (2, 3, 4, 5, 6)
    assert found.saving_seconds == 4.0
    assert found.confidence == MEDIUM


def test_a_chain_that_is_run_again_is_found_as_a_whole() -> None:
    """What a repeat binds anew is what it was."""
    notebook = Notebook()
    for _ in range(4):
        notebook.run("df = load()", 1.0)
        notebook.run("plot(df)", 2.0)
    found = [each.saving_seconds for each in notebook.found() if each.code == "REPEATED"]
    assert found == [6.0, 3.0]


@pytest.mark.parametrize(
    ("between", "again"),
    [
        ("n = {}", "fit(n)"),
        ("n.append({})", "fit(n)"),
        ("n[{}] = 1", "fit(n)"),
        ("x = {}", "n = n + 1"),
        ("%run {}", "fit(n)"),
        ("def fit(m): return {}", "fit(n)"),
    ],
)
def test_code_that_runs_again_on_something_else_is_not(between: str, again: str) -> None:
    """Another parameter, a list that has grown, a counter, another function."""
    notebook = Notebook()
    for number in range(5):
        notebook.run(between.format(number))
        notebook.run(again, 1.0)
    assert "REPEATED" not in notebook.codes_found()


def test_a_function_is_as_old_as_what_it_reads() -> None:
    """Calling it again after that has changed is no repeat."""
    notebook = Notebook()
    notebook.run("def report():\n    return df.mean()")
    for number in range(5):
        notebook.run(f"df = load({number})")
        notebook.run("report()", 1.0)
    assert "REPEATED" not in notebook.codes_found()


def test_runs_of_another_language_are_alike_in_a_row_only() -> None:
    """What they use isn't known, so anything between may have changed it."""
    for between, sure in ((False, [LOW]), (True, [])):
        notebook = Notebook(language="bash")
        for number in range(4):
            if between:
                notebook.run(f"x={number}")
            notebook.run("./train.sh", 2.0)
        found = [each for each in notebook.found() if each.code == "REPEATED"]
        assert [each.confidence for each in found] == sure


def test_quick_or_failed_repeats_are_not_worth_a_word() -> None:
    """Seconds count, and a cell that failed is run again with reason."""
    notebook = Notebook()
    for _ in range(20):
        notebook.run("x = 3", 0.05)
        notebook.run("y = broken()", 5.0, status="error", cell=None)
    assert "REPEATED" not in notebook.codes_found()


def test_a_restarted_kernel_has_to_run_it_again() -> None:
    """Each process counts for itself."""
    notebook = Notebook()
    for start in range(4):
        notebook.kernel = f"k1.{start}"
        notebook.run("df = load()", 3.0)
    assert "REPEATED" not in notebook.codes_found()


def test_imports_that_dominate_are_found() -> None:
    """With how often the kernel was started for it."""
    notebook = Notebook()
    for start in range(2):
        notebook.kernel = f"k1.{start}"
        notebook.run("import torch", 5.0, importing=4.8)
    found = only(notebook.found(), "SLOW_IMPORTS")
    assert found.figures["importing_seconds"] == pytest.approx(9.6)
    assert found.figures["kernel_starts"] == 2
    assert found.confidence == MEDIUM


def test_imports_beside_more_work_or_unmeasured_are_not() -> None:
    """Three seconds of twenty don't dominate, and what isn't known isn't said."""
    notebook = Notebook()
    notebook.run("import torch; train()", 20.0, importing=3.0)
    notebook.run("import jax", 5.0)
    assert "SLOW_IMPORTS" not in notebook.codes_found()


def test_installs_in_cells_are_found() -> None:
    """All of them in one finding."""
    notebook = Notebook()
    notebook.run("%pip install a", 4.0, cpu=0.1)
    notebook.run("!pip install b", 2.0, cpu=0.1)
    found = only(notebook.found(), "INSTALLS_IN_CELLS")
    assert (found.saving_seconds, found.confidence) == (6.0, HIGH)
    assert "WAITING" not in notebook.codes_found()


def test_an_install_that_had_nothing_to_do_is_not() -> None:
    """It was quick."""
    notebook = Notebook()
    notebook.run("%pip install a", 0.5)
    notebook.run("print('pip install a')", 5.0)
    assert notebook.codes_found() == []


@pytest.mark.parametrize(("disk", "sure"), [(None, MEDIUM), (0, MEDIUM), (900 * MB, HIGH)])
def test_waiting_is_what_is_neither_computing_nor_over(disk: int | None, sure: str) -> None:
    """For a disk, where as much was moved; else for something else."""
    notebook = Notebook()
    notebook.run("r = fetch()", 10.0, cpu=0.5, disk_bytes=disk)
    found = only(notebook.found(), "WAITING")
    assert found.figures["waiting_seconds"] == 9.5
    assert (found.saving_seconds, found.confidence) == (9.5, sure)
    assert ("disk" in found.what) == (disk == 900 * MB)


def test_imports_and_a_busy_machine_are_no_waiting() -> None:
    """Only what neither explains is, and is saved but once."""
    notebook = Notebook()
    notebook.run("imports()", 10.0, cpu=3.0, importing=6.0)
    notebook.run("computes()", 10.0, cpu=3.0, delayed=6.5)
    assert "WAITING" not in notebook.codes_found()
    notebook.run("fetch()", 20.0, cpu=0.5, importing=1.0, delayed=0.5)
    assert only(notebook.found(), "WAITING").figures["waiting_seconds"] == 18.0


@pytest.mark.parametrize("code", ["%session_panel", "# first\n%session_export --fast\n"])
def test_asking_for_this_recorder_is_no_work(code: str) -> None:
    """Nothing is found in it, however long it took; a cell that does more is as any other."""
    notebook = Notebook()
    notebook.run(code, 60.0, cpu=0.1)
    assert notebook.codes_found() == []
    notebook.run(f"fetch()\n{code}", 60.0, cpu=0.1)
    assert "WAITING" in notebook.codes_found()


def test_who_waits_for_a_person_needs_no_advice() -> None:
    """Nothing makes an answer come faster."""
    notebook = Notebook()
    notebook.run("name = input()", 60.0, cpu=0.1)
    notebook.run("breakpoint()", 60.0, cpu=0.1)
    assert "WAITING" not in notebook.codes_found()


def test_computing_is_not_waiting_and_unmeasured_is_nothing() -> None:
    """Nor is a second, nor what several cores did."""
    notebook = Notebook()
    notebook.run("a()", 4.0, cpu=3.9)
    notebook.run("b()", 4.0, cpu=30.0)
    notebook.run("c()", 1.0, cpu=0.0)
    notebook.run("d()", 4.0)
    assert notebook.codes_found() == []


def test_one_busy_core_of_many_is_found() -> None:
    """With what the others could have done at most."""
    notebook = Notebook()
    notebook.run("loop()", 20.0, cpu=19.8)
    found = only(notebook.found(cores=8), "ONE_CORE")
    assert found.figures["busy_cores"] == pytest.approx(0.99)
    assert found.saving_seconds == 17.5
    assert found.confidence == LOW


@pytest.mark.parametrize(
    ("seconds", "cpu", "cores"),
    [(20.0, 19.8, 1), (20.0, 19.8, None), (20.0, 80.0, 8), (20.0, 4.5, 8), (2.9, 2.9, 8)],
)
def test_one_core_is_no_finding_where_there_are_no_others(
    seconds: float, cpu: float, cores: int | None
) -> None:
    """Nor where several are busy, none is, or not for long."""
    notebook = Notebook()
    notebook.run("loop()", seconds, cpu=cpu)
    assert "ONE_CORE" not in notebook.codes_found(cores=cores)


def test_memory_near_its_limit_is_found() -> None:
    """What is at stake is all that ran before."""
    notebook = Notebook()
    notebook.run("a = load()", 50.0, peak_rss=300 * MB)
    notebook.run("b = a @ a", 10.0, peak_rss=950 * MB)
    found = only(notebook.found(memory_limit=1000 * MB), "MEMORY_NEAR_LIMIT")
    assert found.figures["share"] == 0.95
    assert found.saving_seconds == pytest.approx(60.0)


@pytest.mark.parametrize(("peak", "limit"), [(500, 1000), (950, None), (None, 1000)])
def test_memory_far_from_a_limit_is_not(peak: int | None, limit: int | None) -> None:
    """Nor where there is none, or nothing is measured."""
    notebook = Notebook()
    notebook.run("b = a @ a", 1.0, peak_rss=peak and peak * MB)
    assert notebook.codes_found(memory_limit=limit and limit * MB) == []


def grown(*codes: str, rss: tuple[int, ...]) -> Notebook:
    notebook = Notebook()
    for code, size in zip(codes, rss, strict=True):
        notebook.run(code, rss=size * MB)
    return notebook


def test_memory_that_nothing_uses_any_more_is_found() -> None:
    """It stayed to the end, and no later cell reads the name."""
    notebook = grown("a = 1", "big = load()", "b = 2", "c = 3", rss=(100, 600, 610, 605))
    found = only(notebook.found(), "MEMORY_KEPT")
    assert found.executions == (2,)
    assert found.figures["kept_bytes"] == 500 * MB


@pytest.mark.parametrize(
    ("codes", "rss"),
    [
        (("a = 1", "big = load()", "b = 2", "use(big)"), (100, 600, 600, 600)),
        (("a = 1", "big = load()", "b = 2", "del big"), (100, 600, 600, 100)),
        (("a = 1", "big = load()", "b = 2"), (100, 600, 600)),
        (("a = 1", "n = load()", "b = 2", "c = 3"), (100, 200, 200, 200)),
        (("a = 1", "big = load()", "b = 2", "%run x"), (100, 600, 600, 600)),
        (("def f():\n    big", "big = load()", "b = 2", "f()"), (100, 600, 600, 600)),
    ],
)
def test_memory_that_is_used_or_comes_back_is_not(
    codes: tuple[str, ...], rss: tuple[int, ...]
) -> None:
    """Nor where it is little, or where it is too early to tell."""
    assert grown(*codes, rss=rss).codes_found() == []


def test_memory_that_grows_each_time_is_a_leak() -> None:
    """In any language."""
    notebook = Notebook(language="R")
    notebook.run("x <- 1", rss=100 * MB)
    for number in range(1, 5):
        notebook.run("step()", rss=(100 + 50 * number) * MB)
    notebook.run("y <- 1", rss=300 * MB)
    found = only(notebook.found(), "MEMORY_LEAK")
    assert found.figures["kept_bytes"] == 200 * MB
    assert found.figures["runs"] == 4


def test_memory_that_each_run_gives_back_is_none() -> None:
    """The next one takes it again."""
    notebook = Notebook()
    for number in range(8):
        notebook.run("step()" if number % 2 else "free()", rss=(100 + number % 2 * 90) * MB)
    assert notebook.codes_found() == []


def test_a_flood_of_output_is_found() -> None:
    """Its bytes are counted; its time is told where it was measured."""
    notebook = Notebook()
    notebook.run("for i in r: print(i)", 3.0, output_bytes=50 * MB, writing=2.5)
    found = only(notebook.found(), "OUTPUT_FLOOD")
    assert found.figures["output_bytes"] == 50 * MB
    assert found.saving_seconds == 2.5
    notebook = Notebook()
    notebook.run("for i in r: print(i)", 3.0, output_bytes=50 * MB)
    assert only(notebook.found(), "OUTPUT_FLOOD").saving_seconds is None


def test_a_megabyte_of_output_is_no_flood() -> None:
    """Nor are ten of them in ten cells."""
    notebook = Notebook()
    for number in range(12):
        notebook.run(f"print({number})", output_bytes=MB)
    assert notebook.codes_found() == []


def queued(first: str, *others: str, language: str = "python") -> Notebook:
    """Run a cell for a minute, with others asked for when it began."""
    notebook = Notebook(language=language)
    asked = notebook.at
    notebook.run(first, 60.0)
    for code in others:
        notebook.run(code, 0.1, submitted=asked + 1)
    return notebook


@pytest.mark.parametrize(("language", "sure"), [("python", MEDIUM), ("bash", LOW)])
def test_cells_that_wait_for_one_that_they_do_not_need_are_found(language: str, sure: str) -> None:
    """Its result is not used by them."""
    found = only(queued("m = fit()", "x = 1", "print(x)", language=language).found(), "LONG_QUEUE")
    assert found.figures["longest_wait_seconds"] == pytest.approx(59.0, abs=0.01)
    assert found.figures["held_up"] == 2
    assert found.executions == (1, 2, 3)
    assert found.confidence == sure


@pytest.mark.parametrize(
    "others",
    [
        ("print(m)",),
        ("n = m + 1", "print(n)"),
        ("%run x",),
        ("def f(): return m", "print(f())"),
    ],
)
def test_cells_that_need_its_result_wait_with_reason(others: tuple[str, ...]) -> None:
    """As when all cells are run at once."""
    assert "LONG_QUEUE" not in queued("m = fit()", *others).codes_found()


def test_a_short_wait_and_a_wait_behind_many_are_none() -> None:
    """No single cell is what it waited for."""
    notebook = Notebook()
    asked = notebook.at
    for number in range(20):
        notebook.run(f"a{number} = 1", 1.0, submitted=asked)
    assert notebook.codes_found() == []


def test_cells_that_ran_out_of_order_are_found() -> None:
    """One used what a cell below it had made."""
    notebook = Notebook()
    notebook.run("x = 1")
    notebook.run("print(x)")
    found = only(notebook.found(layouts=layout(notebook, "print(x)", "x = 1")), "OUT_OF_ORDER")
    assert found.executions == (2, 1)
    assert found.figures["names"] == "x"


@pytest.mark.parametrize("cells", [("x = 1", "print(x)"), ("print(x)",), ()])
def test_cells_in_order_or_of_no_known_order_are_not(cells: tuple[str, ...]) -> None:
    """What the notebook doesn't hold has no place in it."""
    notebook = Notebook()
    notebook.run("x = 1")
    notebook.run("print(x)")
    layouts = {"a.ipynb": Layout(cells, T0)}
    assert notebook.codes_found(layouts=layouts) == []


def test_running_an_upper_cell_again_is_in_order() -> None:
    """As long as it uses nothing from below."""
    notebook = Notebook()
    for code in ("x = 1", "y = x", "print(y)", "x = 1", "print(y)"):
        notebook.run(code)
    assert notebook.codes_found(layouts=layout(notebook, "x = 1", "y = x", "print(y)")) == []


def test_a_result_of_code_that_was_changed_since_is_hidden_state() -> None:
    """The cell that made the name has other code now."""
    notebook = Notebook()
    notebook.run("x = 1", cell="c1")
    notebook.run("print(x)", cell="c2")
    notebook.run("x = 2", cell="c1")
    found = only(notebook.found(), "HIDDEN_STATE")
    assert found.executions == (2, 1)
    assert found.confidence == HIGH
    notebook.run("print(x)", cell="c2")
    assert notebook.codes_found() == []


def test_a_name_that_is_changed_otherwise_now_is_hidden_state() -> None:
    """By another statement of the same cell."""
    notebook = Notebook()
    notebook.run("df = load()", cell="c1")
    notebook.run("plot(df)", cell="c2")
    notebook.run("df = load()\ndf['a'] = 1", cell="c1")
    assert only(notebook.found(), "HIDDEN_STATE").executions == (2, 1)


def test_a_name_that_outlived_its_code_is_hidden_state() -> None:
    """It is still there although no cell makes it."""
    notebook = Notebook()
    notebook.run("x = 1", cell="c1")
    notebook.run("y = 2", cell="c1")
    notebook.run("print(x)", cell="c2")
    assert only(notebook.found(), "HIDDEN_STATE").figures["names"] == "x"


def test_a_result_of_a_deleted_cell_is_hidden_state() -> None:
    """Where the notebook was saved without it after it ran."""
    notebook = Notebook()
    notebook.run("x = 1")
    notebook.run("print(x)")
    found = only(notebook.found(layouts=layout(notebook, "print(x)")), "HIDDEN_STATE")
    assert "deleted" in found.what
    assert notebook.codes_found(layouts={"a.ipynb": Layout(("print(x)",), T0)}) == []


@pytest.mark.parametrize(
    "codes",
    [
        (("x = 1", "c1"), ("print(x)", "c2"), ("x = 2", "c3")),
        (("x = 1", "c1"), ("print(x)", "c2"), ("x = 1", "c1")),
        (("import a", "c1"), ("print(a)", "c2"), ("import a\nimport b", "c1")),
        (("x = 1\ny = 2", "c1"), ("print(x)", "c2"), ("# more\nx = 1\ny = 3", "c1")),
        (("x = 1", "c1"), ("from m import *", "c4"), ("print(x)", "c2"), ("x = 2", "c1")),
        (("x = 1", None), ("print(x)", "c2"), ("x = 2", None)),
    ],
)
def test_what_the_notebook_still_shows_is_not_hidden(codes: Any) -> None:
    """Another cell may bind the name, the same may run again; the unknown proves nothing."""
    notebook = Notebook()
    for code, cell in codes:
        notebook.run(code, cell=cell)
    assert notebook.codes_found() == []


@pytest.mark.parametrize("ended", [True, False])
def test_a_kernel_that_nobody_used_is_found(ended: bool) -> None:
    """Until it ended, or until now."""
    notebook = clean()
    end = notebook.at + 7200
    known = {"kernel_ends": {"k1.1": end}} if ended else {"kernels_alive": frozenset(["k1.1"])}
    found = only(notebook.found(present=end, **known), "IDLE_KERNEL")
    assert found.figures["idle_seconds"] == pytest.approx(7200, abs=1)
    assert found.confidence == (HIGH if ended else MEDIUM)


def test_a_kernel_that_is_used_or_just_was_is_not() -> None:
    """Nor one that still runs a cell; of one that may be gone nothing is known."""
    notebook, alive = clean(), frozenset(["k1.1"])
    assert notebook.codes_found(present=notebook.at + 600, kernels_alive=alive) == []
    assert notebook.codes_found(present=notebook.at + 7200) == []
    notebook.run("loop()", finished=None, seconds=None, status="running")
    assert notebook.codes_found(present=notebook.at + 7200, kernels_alive=alive) == []


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
