"""Memory near its limit, unused, or growing."""

from __future__ import annotations

import pytest

from .runs import MB, Notebook, only


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
