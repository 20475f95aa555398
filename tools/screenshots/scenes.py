"""What each picture shows, and how a person would get there."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.session_panel import SessionPanelPage
from tests.e2e.sidebar import PANEL as SIDEBAR
from tools.screenshots.stage import AT_REST, PANEL, PLOT, Stage, own_files

SPARSE = 3 * 1024**3
"""A file of so many zeros is compressed for long enough to take a picture of it."""
COMMANDS = (
    "jupyter session-export verify session.zip",
    "unzip -q session.zip -d session && tree -L 3 --noreport session",
)
HALF = re.compile(r"0\.[5-7]")
UNDER_WAY = re.compile(r"[2-9]\d % of .*[\d.]+ [MG]B/s, about \d+ (s|min) left")


def run_notebook(stage: Stage) -> None:
    """Run all cells; the last one fails."""
    stage.open()
    stage.jupyter.run_all()
    stage.jupyter.command("docmanager:save")


def button(stage: Stage) -> bytes:
    """The notebook with its button, and the export with its progress."""
    stage.size(900, 500)
    stage.open()
    stage.scroll_to(PLOT)
    zeros = own_files(stage.server) / "camera.raw"
    with zeros.open("wb") as file:
        file.truncate(SPARSE)
    stage.jupyter.download_button().click()
    toast = stage.jupyter.toast("Download Session: compressing")
    expect(toast).to_contain_text(UNDER_WAY, timeout=120_000)
    stage.jupyter.download_button().hover()
    shot = stage.page.screenshot(animations="disabled", caret="hide")
    toast.get_by_role("button", name="Cancel").click()
    stage.jupyter.toast("cancelled").wait_for()
    zeros.unlink()
    return shot


def tree(stage: Stage) -> bytes:
    """What is in the ZIP, in JupyterLab's terminal."""
    stage.size(860, 770)
    answer = stage.server.api("GET", "session/download")
    (stage.server.root / "session.zip").write_bytes(answer.content)
    stage.open()
    stage.jupyter.command("terminal:create-new")
    stage.page.locator(".xterm-helper-textarea").focus()
    stage.wait_for_prompt()
    for line in COMMANDS:
        stage.page.keyboard.type(f"{line}\n")
        stage.wait_for_prompt()
    stage.page.wait_for_timeout(AT_REST)
    return stage.page.locator(".jp-Terminal").screenshot(animations="disabled")


def panel(stage: Stage) -> bytes:
    """The live panel while a cell runs that ran before."""
    stage.size(900, 1000)
    stage.open(PANEL)
    shown = SessionPanelPage(stage.jupyter)
    for cell in (0, 1, 2, 3):
        shown.run(cell)
    shown.begin(3)
    expect(shown.now.get_by_role("progressbar")).to_have_attribute("value", HALF)
    shot = shown.panel.screenshot(animations="disabled")
    shown.interrupt()
    return shot


def restore(stage: Stage) -> bytes:
    """The offer to bring back what was put out while nobody looked."""
    stage.size(900, 500)
    stage.open()
    stage.jupyter.command("notebook:clear-all-cell-outputs")
    stage.jupyter.command("docmanager:save")
    stage.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    stage.page.locator(".jp-OutputArea-output").get_by_text("720").wait_for()
    stage.page.goto("about:blank")
    stage.open()
    stage.jupyter.toast("recorded").wait_for()
    return stage.shot()


def sidebar(stage: Stage) -> bytes:
    """All sessions, what their ZIPs would hold, and what was exported."""
    stage.open()
    stage.jupyter.download()
    sent = stage.jupyter.toast("was sent to your browser")
    sent.get_by_role("button", name="Hide notification").click()
    stage.size(680, 600)
    stage.scroll_to(PLOT)
    stage.jupyter.command("session-export:show-sessions")
    expect(stage.page.locator(SIDEBAR).get_by_text("Loading …")).to_have_count(0)
    stage.page.locator(SIDEBAR).get_by_role("button", name="Refresh").click()
    return stage.shot()


SCENES: dict[str, Callable[[Stage], bytes]] = {
    "button": button,
    "sidebar": sidebar,
    "tree": tree,
    "panel": panel,
    "restore": restore,
}
"""In an order in which none leaves anything in the next one's picture."""
