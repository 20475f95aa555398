"""What a person does with the live panel in a notebook."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import ARTEFACTS
from tests.e2e.jupyter_page import JupyterPage

NOTHING_RUNS = "Nothing runs."


class SessionPanelPage:
    """The panel that a cell of the notebook shows."""

    def __init__(self, jupyter: JupyterPage) -> None:
        self.jupyter = jupyter
        self.page = jupyter.page
        self.panel = self.page.locator(".jse-panel")

    def begin(self, cell: int) -> None:
        """Begin to run a cell."""
        self.page.evaluate(
            """cell => {
              const notebook = jupyterapp.shell.currentWidget.content;
              notebook.deselectAll();
              notebook.activeCellIndex = cell;
              jupyterapp.commands.execute('notebook:run-cell');
            }""",
            cell,
        )

    def run(self, cell: int) -> None:
        """Run a cell, and wait until the panel shows that it has ended."""
        self.begin(cell)
        prompts = self.page.locator(".jp-Notebook:visible .jp-CodeCell .jp-InputPrompt")
        expect(prompts.nth(cell)).to_have_text(re.compile(r"\[\d+\]"))
        expect(self.now).to_contain_text(NOTHING_RUNS)

    def submit(self, code: str) -> None:
        """Begin to run code as a cell that is in no file; the focus stays where it is."""
        self.page.evaluate(
            """code => {
              const session = jupyterapp.shell.currentWidget.sessionContext.session;
              session.kernel.requestExecute({ code });
            }""",
            code,
        )

    def interrupt(self) -> None:
        """End what runs."""
        self.jupyter.command("kernelmenu:interrupt")
        expect(self.now).to_contain_text(NOTHING_RUNS)

    @property
    def state(self) -> Locator:
        return self.panel.locator(".jse-state")

    @property
    def now(self) -> Locator:
        return self.section("Now")

    @property
    def bars(self) -> Locator:
        """What the time line of this kernel is read by."""
        return self.section("Timeline").first.get_by_role("radio")

    @property
    def about(self) -> Locator:
        """What is told of the execution that was chosen."""
        return self.panel.locator(".jse-about:visible")

    def section(self, name: str) -> Locator:
        return self.panel.locator(f"section[aria-label='{name}']")

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name)

    def seconds(self) -> float:
        """Return for how long the cell has been running, as the panel says."""
        found = re.search(r"Running for ([\d.]+) s", self.now.inner_text())
        return float(found[1]) if found else 0.0

    def squeeze(self, width: int) -> None:
        """Give it no more room than this."""
        self.panel.evaluate("(panel, width) => { panel.style.width = `${width}px`; }", width)

    def sticks_out(self) -> list[str]:
        """Return what is wider than the panel."""
        found: list[str] = self.panel.evaluate(
            """panel => [...panel.querySelectorAll('*')].filter(node =>
              node.getBoundingClientRect().width > 0 &&
              node.getBoundingClientRect().right > panel.getBoundingClientRect().right + 1
            ).map(node => node.outerHTML.slice(0, 200))"""
        )
        return found

    def keep(self, name: str) -> None:
        """Keep how it looks as an artefact."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.panel.screenshot(path=ARTEFACTS / f"panel-{name}.png")
