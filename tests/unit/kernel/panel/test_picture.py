"""The time line as SVG with something to point at over each bar."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.insights.drawing import Stretch, stretches
from jupyter_session_export.insights.timeline import Run
from jupyter_session_export.kernel.panel.picture import (
    MOST_BARS,
    MOST_KERNELS,
    WIDTH,
    Picture,
    picture,
    session_html,
)
from tests.unit.kernel.panel.ended import run


def drawn(*runs: Run) -> list[Stretch]:
    return stretches(runs, 0.0)


def parsed(image: Picture) -> ElementTree.Element:
    """Read it as XML, which is stricter than HTML."""
    text = re.sub(r"<input ([^>]*)>", r"<input \1/>", image.html)
    return ElementTree.fromstring(text)  # noqa: S314  # it is our own


def test_nothing_is_drawn_of_nothing() -> None:
    """And no other picture is due before something runs."""
    image = picture([], [], 100.0, 10.0, "p")
    assert "Nothing has run yet." in image.html
    assert image.until == float("inf")


def test_each_execution_has_a_bar_and_a_button_over_it() -> None:
    """The button says what it was to who points at it, and to who can't see."""
    image = parsed(picture(drawn(run(0), run(1, status="error", error="E")), [], 20.0, 10.0, "p"))
    bars = list(image.iter("rect"))
    buttons = list(image.iter("input"))
    assert [bar.get("class") for bar in bars] == ["ok", "error"]
    assert [button.get("name") for button in buttons] == ["p", "p"]
    assert "error (E)" in (buttons[1].get("title") or "")
    assert "cell_1()" in (buttons[1].get("title") or "")


def test_what_runs_grows_by_itself() -> None:
    """From now on until the right edge, where another picture is due."""
    image = picture(
        drawn(run(0)), [run(5, status="running", finished=None, seconds=None)], 60, 40, "p"
    )
    assert image.until == 100
    bar = list(parsed(image).iter("rect"))[-1]
    assert bar.get("style") == "--jse-from:0.2000;animation-duration:40.0s"
    assert float(bar.get("x") or 0) + float(bar.get("width") or 0) == WIDTH


def test_a_week_is_drawn_as_a_minute_is() -> None:
    """A cell may take that long."""
    week = 7 * 86400.0
    image = picture([], [run(0, status="running", finished=None, seconds=None)], week, week, "p")
    assert image.until == 2 * week


def test_other_kernels_are_below_it() -> None:
    """Only where there are any, and no more than there is room for."""
    assert session_html([run(1)], [], "p") == ""
    two = session_html([run(1, kernel="here")], [run(0)], "p")
    assert "all 2" in two
    assert len(set(re.findall(r'y="(\d+)"', two))) == 2
    many = session_html([], [run(n, kernel=f"k{n}.1") for n in range(50)], "p")
    assert f"the last {MOST_KERNELS} of 50" in many
    assert "cell_49()" in many
    assert "cell_1()" not in many


def test_many_executions_are_few_bars() -> None:
    """Those that stand too close are told together, by the longest of them."""
    runs = [run(number, seconds=1 + number % 7) for number in range(5000)]
    image = picture(drawn(*runs), [], 50_000.0, 10.0, "p")
    assert image.html.count("<rect") <= MOST_BARS
    assert re.search(r"\d+ executions; the longest of them:", image.html)


def test_what_is_chosen_is_known_by_its_key() -> None:
    """It stays the same from one picture to the next, so that a page can keep the choice."""
    runs = [run(number) for number in range(3)]
    keys = [
        [
            each.get("data-key")
            for each in parsed(picture(drawn(*some), [], until, 1.0, "p")).iter("input")
        ]
        for some, until in ((runs[:2], 20.0), (runs, 60.0))
    ]
    assert keys[0] == ["p k.1 0", "p k.1 1"]
    assert keys[1][:2] == keys[0]


@given(st.text(max_size=100), st.text(max_size=20))
def test_code_is_never_markup(head: str, error: str) -> None:
    """Whatever a cell says, it is shown as text."""
    head = head.encode("utf-8", "replace").decode()
    image = picture(drawn(run(0, head=f"<script>{head}\"'&", error=error)), [], 20.0, 1.0, 'p"')
    assert "<script" not in image.html
    assert image.html.count("<rect") == 1
