"""What the panel says."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.kernel.history import Started
from jupyter_session_export.kernel.panel.crowd import Crowd
from jupyter_session_export.kernel.panel.runs import Expected
from jupyter_session_export.kernel.panel.standing import Standing
from jupyter_session_export.kernel.panel.words import (
    about,
    head_of,
    insights_html,
    now_html,
    slowest_html,
    state_html,
)
from tests.unit.kernel.panel.ended import MB, run

STARTED = Started(1, "slow(1 < 2)\nmore()", None, 100.0)
FINDING: dict[str, Any] = {
    "code": "WAITING",
    "what": "Execution 3 (<b>) waited.",
    "advice": "Wait for several at once.",
    "saving_seconds": 7.5,
    "confidence": "medium",
    "why": "its time is measured",
}


@pytest.mark.parametrize(
    ("state", "words"),
    [("on", "Recorded"), ("paused", "Paused"), ("asking", "Asking"), ("new <one>", "new &lt;one")],
)
def test_the_state_is_said_in_words(state: str, words: str) -> None:
    """A colour alone would not be seen by everybody."""
    assert words in state_html(Standing(state=state))


def test_what_went_wrong_is_told_beside_it() -> None:
    """With what the record last said of itself."""
    html = state_html(Standing(state="stopped", reason="disk full", problem="No answer. [X]"))
    assert "disk full" in html
    assert 'role="alert">No answer. [X]' in html


def test_what_runs_is_measured_by_what_it_took_before() -> None:
    """A bar shows which part of that has passed; one that takes longer is told to."""
    html = now_html([STARTED], [Expected(20.0, 3)], 105.0, Standing())
    assert "Running for <strong>5.0 s</strong>" in html
    assert 'value="0.250"' in html
    assert "took 20.0 s before (3 runs)" in html
    assert "slow(1 &lt; 2)" in html
    late = now_html([STARTED], [Expected(20.0, 3)], 130.0, Standing())
    assert 'value="1.000"' in late
    assert "this time 10.0 s more" in late


def test_of_what_never_ran_nothing_is_promised() -> None:
    """The bar has no value then."""
    html = now_html([STARTED], [None], 105.0, Standing())
    assert "value=" not in html
    assert "before" not in html


def test_a_source_that_took_no_time_is_no_division_by_zero() -> None:
    """Clocks have an end to what they see."""
    assert 'value="1.000"' in now_html([STARTED], [Expected(0.0, 1)], 105.0, Standing())


def test_what_waits_is_counted_and_named() -> None:
    """The first few by how their code begins."""
    standing = Standing(queued=5, queue=("a()", "b()", "c()", "d()"))
    html = now_html([], [], 0.0, standing)
    assert "Waiting: 5 cells" in html
    assert "<li>" in html
    assert "and 2 cells more" in html
    assert "Waiting" not in now_html([], [], 0.0, Standing())


def test_a_hint_is_given_only_while_it_helps() -> None:
    """A click waits only for a cell that runs."""
    assert "no subshells" in now_html([STARTED], [None], 105.0, Standing(), "no subshells")
    assert "no subshells" not in now_html([], [], 105.0, Standing(), "no subshells")


def test_the_slowest_are_cells_with_all_their_runs() -> None:
    """The same cell counts once; asking for the panel is no work."""
    runs = [run(1, cell="a", seconds=4.0), run(2, cell="b", seconds=5.0), run(3, cell="a")]
    crowd = Crowd()
    crowd.add([run(4, seconds=None), run(5, head="%session_panel", seconds=60.0), *runs])
    html = slowest_html(crowd)
    assert html.count("<li>") == 2
    assert "5.0 s</strong> in 2 runs" in html
    assert "Nothing has ended yet." in slowest_html(Crowd())


def test_findings_open_to_what_they_rest_on() -> None:
    """What, what to do, why; and that nothing stands out is said as well."""
    html = insights_html([FINDING])
    assert "Execution 3 (&lt;b&gt;) waited. <strong>Could save 7.5 s.</strong>" in html
    assert "Sure: medium; its time is measured. (WAITING)" in html
    assert 'data-key="WAITING 3"' in insights_html([FINDING | {"executions": [3, 4]}])
    assert "Nothing stands out." in insights_html([])
    assert "Asking" in insights_html(None)


def test_the_most_worthwhile_findings_are_seen_first() -> None:
    """The others are there when they are asked for."""
    html = insights_html([FINDING] * 9)
    assert ">3 more</summary>" in html
    assert html.count("Could save") == 9


def test_all_that_is_known_of_a_run_is_one_line() -> None:
    """And nothing of what isn't."""
    told = about(run(1, cpu=0.5, peak_rss=300 * MB, rss=100 * MB, error="E", status="error"), "12")
    assert told == (
        "error (E), began 12, took 1.0 s, processor 0.5 s, memory up to 300.0 MB, then 100.0 MB"
    )
    assert about(run(1, seconds=None), "12") == "ok, began 12"


def test_long_code_is_cut() -> None:
    """To the first line that tells anything, and to what there is room for."""
    assert head_of("  a()\nb()") == "a()"
    assert head_of("# about\nimport time\nfrom a import b\n\nc()") == "c()"
    assert head_of("import time\n# that is all") == "import time"
    assert head_of("\n") == ""
    assert len(head_of("x" * 500)) == 80
