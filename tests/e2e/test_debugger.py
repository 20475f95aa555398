"""A person steps with JupyterLab's own debugger while each stop is captured."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import screenshot
from tests.e2e.jupyter_page import JupyterPage, write_notebook
from tests.exporting import export
from tests.servers import RunningServer
from tests.waiting import wait_until

CELL = "a = 1\nb = 2\nc = a + b\nd = c * 2\nprint('end', d)"
BREAK_AT = 2
STEPS = 3


@pytest.fixture
def jupyter(lab: RunningServer, page: Page) -> JupyterPage:
    return JupyterPage(page, lab)


def current_line(page: Page) -> Locator:
    """The line that JupyterLab marks as the next to run."""
    return page.locator(".jp-Cell .jp-DebuggerEditor-highlight")


def variable(page: Page, name: str) -> Locator:
    return page.locator(".jp-DebuggerVariables").get_by_text(name, exact=True)


def test_person_steps_while_stops_are_captured(jupyter: JupyterPage) -> None:
    """JupyterLab shows each line and variable in its turn; the export has all stops."""
    page, server = jupyter.page, jupyter.server
    write_notebook(server.root / "debug.ipynb", [CELL])
    jupyter.open("debug.ipynb")
    page.locator(".jp-DebuggerBugButton:visible").click()
    gutter = page.locator(".jp-Cell .cm-breakpoint-gutter .cm-gutterElement:visible")
    gutter.filter(visible=True).nth(BREAK_AT - 1).click()
    expect(page.locator(".jp-DebuggerBreakpoint")).to_have_count(1)
    page.locator(".jp-Cell .cm-content").click()
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell') }")
    expect(current_line(page)).to_have_text("b = 2")
    for line, shown in (("c = a + b", "b"), ("d = c * 2", "c"), ("print('end', d)", "d")):
        page.keyboard.press("F10")
        expect(current_line(page)).to_have_text(line)
        expect(variable(page, shown)).to_be_visible()
    screenshot(page, "debugger-stepping")
    page.keyboard.press("F9")
    expect(page.locator(".jp-OutputArea-output")).to_contain_text("end 6")

    def stops() -> bool:
        figures = server.api("GET", "session/stats").json()["debug"]
        return bool(figures["stops"] >= 1 + STEPS)

    wait_until(stops)
    archive = export(server)
    (name,) = (name for name in archive.namelist() if name.endswith("/debug_data.json"))
    data = json.loads(archive.read(name))
    assert [one["line"] for one in data["breakpoints"]] == [BREAK_AT]
    assert [stop["cell"]["cell_id"] for stop in data["stops"]] == ["cell-0"] * (1 + STEPS)
    seen = [stop["frames"][0]["line"] for stop in data["stops"] if stop["frames"]]
    print(
        [(s["incomplete"], s["capture_ms"], len(s["frames"])) for s in data["stops"]],
        [(e["event"], e["at"]) for e in data["events"] if e["event"] in ("stopped", "continued")],
    )
    assert len(seen) == 1 + STEPS
    assert seen == [2, 3, 4, 5]
