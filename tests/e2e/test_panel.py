"""The live panel in a real browser: it moves while a cell runs, and does what it is told."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_session_export.archive.verify import verify
from tests.e2e.contrast import contrasts
from tests.e2e.jupyter_page import JupyterPage, write_notebook
from tests.e2e.session_panel import NOTHING_RUNS, SessionPanelPage
from tests.servers import RunningServer
from tests.waiting import wait_until

PANEL, LONG, QUICK, FAILING, SLOW, LARGE = range(6)
CELLS = [
    "%session_panel",
    "import time\nfor second in range(600):\n    time.sleep(1)",
    "numbers = [number ** 2 for number in range(1000)]",
    "raise ValueError('on purpose')",
    "import time\ntime.sleep(1.5)",
    "block = b'x' * 300_000_000\ndel block",
]
SLEPT = re.compile(r"took [\d.]+ s.*\ntime.sleep")
"""It is in the kernel's own time line first, and once more in that of all kernels."""
THEMES = ["light", "dark"]


def opened(page: Page, server: RunningServer, name: str) -> SessionPanelPage:
    """Open a notebook, and the panel in its first cell."""
    jupyter = JupyterPage(page, server)
    write_notebook(server.root / name, CELLS)
    jupyter.open(name)
    panel = SessionPanelPage(jupyter)
    panel.run(PANEL)
    expect(panel.state).to_have_text("Recorded")
    return panel


@pytest.mark.parametrize("app", ["lab", "notebook7"])
def test_it_moves_and_exports_while_a_cell_runs(
    page: Page, app: str, request: pytest.FixtureRequest
) -> None:
    """Nothing waits for the cell: neither the clock, nor the click, nor the ZIP."""
    panel = opened(page, request.getfixturevalue(app), "moves.ipynb")
    panel.begin(LONG)
    expect(panel.now).to_contain_text("for second in range(600)")
    before = panel.seconds()
    wait_until(lambda: panel.seconds() > before + 1)
    panel.button("Export").click()
    link = panel.panel.get_by_role("link", name=re.compile(r"session_export_20.*\.zip"))
    expect(link).to_be_visible()
    assert panel.seconds() > before + 1
    with page.expect_download() as caught:
        link.click()
    assert verify(Path(caught.value.path())).ok
    sources = _sources(zipfile.ZipFile(caught.value.path()))
    assert CELLS[LONG] in sources
    panel.interrupt()


def _sources(archive: zipfile.ZipFile) -> list[str]:
    names = [name for name in archive.namelist() if name.endswith("/source.py")]
    return [archive.read(name).decode() for name in names]


def test_a_cell_that_ran_before_has_a_bar(page: Page, lab: RunningServer) -> None:
    """The same source took so long before; of one that is new nobody knows."""
    panel = opened(page, lab, "before.ipynb")
    panel.run(SLOW)
    panel.begin(SLOW)
    expect(panel.now).to_contain_text("before (1 run)")
    expect(panel.now.get_by_role("progressbar")).to_have_attribute("value", re.compile(r"0\.\d+"))
    expect(panel.now).to_contain_text(NOTHING_RUNS)
    expect(panel.section("Slowest cells")).to_contain_text("in 2 runs")


def test_what_waits_is_told(page: Page, lab: RunningServer) -> None:
    """Cells that were asked for while another one runs, by how their code begins."""
    panel = opened(page, lab, "waits.ipynb")
    panel.begin(LONG)
    panel.begin(QUICK)
    panel.begin(SLOW)
    expect(panel.now).to_contain_text("Waiting: 2 cells")
    expect(panel.now).to_contain_text("numbers = [")
    panel.interrupt()


def test_the_time_line_is_read_by_mouse_and_by_keyboard(page: Page, lab: RunningServer) -> None:
    """Each execution's code, times and memory: pointed at, clicked, or reached by arrows."""
    panel = opened(page, lab, "reads.ipynb")
    for cell in (SLOW, FAILING, LARGE):
        panel.run(cell)
    expect(panel.bars).to_have_count(4)
    bar = panel.panel.get_by_title(SLEPT).first
    expect(bar).to_be_visible()
    bar.click()
    expect(panel.about).to_contain_text("time.sleep(1.5)")
    expect(panel.about).to_contain_text("memory up to")
    bar.press("ArrowRight")
    expect(panel.about).not_to_contain_text("time.sleep(1.5)")
    expect(panel.panel.locator("input:focus")).to_have_count(1)


def test_what_is_chosen_stays_chosen_while_cells_run(page: Page, lab: RunningServer) -> None:
    """The bar, what is told of it, and the focus, though all is drawn anew."""
    panel = opened(page, lab, "chosen.ipynb")
    for cell in (SLOW, FAILING):
        panel.run(cell)
    bar = panel.panel.get_by_title(SLEPT).first
    bar.click()
    panel.page.wait_for_function("document.activeElement?.type === 'radio'")
    before = panel.bars.count()
    for _ in range(2):
        panel.submit("for second in range(3): time.sleep(0.5)")
        expect(panel.now).to_contain_text("for second in range(3)")
        expect(panel.now).to_contain_text(NOTHING_RUNS)
    expect(panel.bars).not_to_have_count(before)
    expect(bar).to_be_checked()
    expect(bar).to_be_focused()
    expect(panel.about).to_contain_text("time.sleep(1.5)")


def test_the_recording_is_paused_resumed_and_purged(page: Page, lab: RunningServer) -> None:
    """While a cell runs, too; a purge asks first, and can be left."""
    panel = opened(page, lab, "purged.ipynb")
    panel.begin(LONG)
    expect(panel.now).to_contain_text("for second")
    panel.button("Pause").click()
    expect(panel.state).to_have_text("Paused")
    panel.button("Resume").click()
    expect(panel.state).to_have_text("Recorded")
    panel.interrupt()
    panel.button("Purge").click()
    panel.button("Keep it").click()
    expect(panel.button("Remove for good")).to_be_hidden()
    panel.button("Purge").click()
    panel.panel.get_by_role("combobox").select_option("what this notebook ran")
    panel.button("Remove for good").click()
    expect(panel.panel).to_contain_text("2 executions purged")


def test_an_export_that_fails_says_why(page: Page, lab: RunningServer) -> None:
    """Where there is no folder for the ZIP any more; then it can be asked for again."""
    folder = lab.root / "gone"
    folder.mkdir()
    panel = opened(page, lab, "gone/fails.ipynb")
    shutil.rmtree(folder)
    panel.button("Export").click()
    expect(panel.panel.get_by_role("alert")).to_contain_text("DESTINATION_UNWRITABLE")
    panel.keep("failing")
    folder.mkdir()
    panel.button("Export").click()
    expect(panel.panel.get_by_role("link", name=re.compile(r"\.zip"))).to_be_visible()


def test_it_is_seen_in_each_theme(page: Page, lab: RunningServer) -> None:
    """Wide and narrow, empty and full: nothing sticks out, and all can be read."""
    page.set_viewport_size({"width": 1280, "height": 1400})
    panel = opened(page, lab, "looks.ipynb")
    for theme in THEMES:
        panel.jupyter.wear(theme)
        panel.keep(f"empty-{theme}")
    for cell in (QUICK, SLOW, FAILING, LARGE):
        panel.run(cell)
    panel.begin(LONG)
    expect(panel.now).to_contain_text("for second")
    for theme in reversed(THEMES):
        panel.jupyter.wear(theme)
        for width in (800, 400):
            panel.squeeze(width)
            assert panel.sticks_out() == []
            panel.keep(f"full-{theme}-{width}")
        panel.button("Purge").click()
        expect(panel.button("Remove for good")).to_be_visible()
        found = contrasts(panel.panel)
        assert {each.kind for each in found} == {"text", "button", "bar"}
        assert [each for each in found if not each.is_enough] == []
        panel.button("Keep it").click()
        expect(panel.button("Remove for good")).to_be_hidden()
    panel.interrupt()
