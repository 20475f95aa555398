"""The demo notebook in JupyterLab, done as it says from top to bottom."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_session_export.archive.verify import verify
from tests.e2e.conftest import quiet_server, screenshot
from tests.e2e.jupyter_page import JupyterPage, opened
from tests.servers import RunningServer
from tests.waiting import wait_until

DEMO = Path(__file__).parents[2] / "binder" / "demo.ipynb"
LAST = "still here after 9 s"

# The demo counts for ten seconds, twice; a busy machine takes long for the rest.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A JupyterLab server with the demo, for a guest as on Binder."""
    with quiet_server(tmp_path_factory.mktemp("demo"), "lab", "--SessionExport.guest=True") as lab:
        shutil.copy(DEMO, lab.root)
        yield lab


def cells() -> list[str]:
    """Return the ids of the cells that are code."""
    parsed = json.loads(DEMO.read_text())
    return [cell["id"] for cell in parsed["cells"] if cell["cell_type"] == "code"]


def select(page: Page, cell_id: str) -> None:
    page.evaluate(
        """id => {
          const notebook = jupyterapp.shell.currentWidget.content;
          notebook.deselectAll();
          notebook.activeCellIndex = notebook.widgets.findIndex(cell => cell.model.id === id);
          return notebook.scrollToCell(notebook.activeCell);
        }""",
        cell_id,
    )


def text(page: Page, cell_id: str) -> str:
    """Return what a cell printed."""
    shown: str = page.evaluate(
        """id => {
          const cells = jupyterapp.shell.currentWidget.model.sharedModel.cells;
          const outputs = cells.find(cell => cell.getId() === id).getOutputs();
          return outputs.map(output => [output.text].flat().join('')).join('');
        }""",
        cell_id,
    )
    return shown


def test_the_demo_keeps_what_it_says(server: RunningServer, page: Page) -> None:
    """Run, break, debug, look, take away, come back: each step does what its text says."""
    jupyter = JupyterPage(page, server)
    jupyter.open("demo.ipynb")
    jupyter.command("notebook:run-all-cells")
    wait_until(lambda: LAST in text(page, "counting"), seconds=120)
    expect(page.locator(".jse-panel .jse-state")).to_have_text("Recorded")
    assert "all as recorded" in text(page, "export")
    (by_code,) = server.root.glob("*.zip")
    assert verify(by_code).ok
    _debug(page, server)
    download = jupyter.download()
    assert verify(Path(download.path())).ok
    _holds_all(opened(download))
    _come_back(jupyter)
    screenshot(page, "demo-come-back")


def _debug(page: Page, server: RunningServer) -> None:
    """Section 3: the bug, a breakpoint in line 4, the cell, and on."""
    page.locator(".jp-DebuggerBugButton:visible").click()
    select(page, "invoice")
    cell = page.locator(".jp-Cell.jp-mod-active")
    cell.locator(".cm-breakpoint-gutter .cm-gutterElement:visible").nth(3).click()
    expect(page.locator(".jp-DebuggerBreakpoint")).to_have_count(1)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell') }")
    for stops in (1, 2, 3):
        expect(cell.locator(".jp-DebuggerEditor-highlight")).to_contain_text("total +=")
        wait_until(
            lambda stops=stops: server.api("GET", "session/stats").json()["debug"]["stops"] >= stops
        )
        page.keyboard.press("F9")
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text("54")


def _holds_all(archive: zipfile.ZipFile) -> None:
    ran = [
        json.loads(archive.read(name))
        for name in archive.namelist()
        if re.fullmatch(r"executions/[^/]+/metadata\.json", name)
    ]
    assert {one["cell_id"] for one in ran} == set(cells())
    failed = {one["cell_id"] for one in ran if one["status"] != "ok"}
    assert failed == {"failure"}
    assert any(name.startswith("debug/") for name in archive.namelist())
    outputs = [name for name in archive.namelist() if "/outputs/" in name]
    assert any(name.endswith(".png") for name in outputs)
    assert any(name.endswith(".html") for name in outputs)


def _come_back(jupyter: JupyterPage) -> None:
    """Section 6: the tab is closed while a cell counts, and opened again."""
    page = jupyter.page
    select(page, "counting")
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell') }")
    expect(page.locator(".jp-Cell.jp-mod-active .jp-OutputArea-output")).to_contain_text("after 1")
    page.goto("about:blank")
    page.goto(f"{jupyter.url}lab/tree/demo.ipynb?token={jupyter.server.token}&reset")
    jupyter.toast("recorded").wait_for()
    page.get_by_role("button", name="Restore").click()
    jupyter.toast("Restored").wait_for()
    wait_until(lambda: LAST in text(page, "counting"))
    counted = [int(line.split()[3]) for line in text(page, "counting").splitlines()]
    assert counted == list(range(10))
