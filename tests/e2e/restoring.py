"""What the tests of restoring share: notebooks that run on, and what a page shows of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.jupyter_page import JupyterPage, write_notebook
from tests.servers import RunningServer
from tests.waiting import wait_until

UNLIMITED = "--ZMQChannelsWebsocketConnection.limit_rate=False"
"""A tab that stays open must show all, to be compared with."""

Profile = Browser | BrowserContext
"""A browser makes a profile for each tab; tabs of one profile share what was fetched."""
GOING_ON = {"running", "queued"}
_CELLS = """() => jupyterapp.shell.currentWidget.model.sharedModel.cells.map(cell => {
  const { execution_count, outputs, metadata } = cell.toJSON();
  return { execution_count, outputs, metadata, running: cell.executionState === 'running' };
})"""
_OPEN_FIRST = """import os, time
while not os.path.exists({gate!r}):
    time.sleep(0.02)
"""


def gated(gate: Path, source: str) -> str:
    """Return code that waits for a file before it goes on."""
    return _OPEN_FIRST.format(gate=str(gate)) + source


class Notebook:
    """A notebook in a page of its own, which may be closed while its cells run."""

    def __init__(self, browser: Profile, server: RunningServer, name: str) -> None:
        self._browser, self.server, self.name = browser, server, name
        self.jupyter: JupyterPage
        self._open: list[Page] = []

    @property
    def page(self) -> Page:
        return self.jupyter.page

    def write(self, sources: list[str]) -> None:
        write_notebook(self.server.root / self.name, sources)

    def open(self, url: str | None = None) -> Notebook:
        """Open it in a fresh tab, as on another day."""
        page = self._browser.new_page()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.set_default_timeout(180_000)
        self._open.append(page)
        self.jupyter = JupyterPage(page, self.server, url)
        self.go()
        return self

    def go(self) -> None:
        """Load the page; cells may be running."""
        folder = "lab/tree" if self.jupyter.is_lab else "notebooks"
        url = f"{self.jupyter.url}{folder}/{self.name}?token={self.server.token}&reset"
        self.page.goto(url)
        self.page.wait_for_function(
            "path => window.jupyterapp?.shell?.currentWidget?.context?.localPath === path",
            arg=self.name,
        )
        self.page.wait_for_function(
            "jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.connectionStatus"
            " === 'connected'"
        )

    def close(self) -> None:
        """Close the tab without a word, as a crash of the browser would."""
        for page in self._open:
            page.close()
        self._open.clear()

    def cells(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(_CELLS)
        return found

    def texts(self) -> list[str]:
        """Return what each cell prints on stdout."""
        return [
            "".join(
                output["text"]
                for output in cell["outputs"]
                if output["output_type"] == "stream" and output["name"] == "stdout"
            )
            for cell in self.cells()
        ]

    def sources(self) -> list[str]:
        found: list[str] = self.page.evaluate(
            "jupyterapp.shell.currentWidget.model.sharedModel.cells.map(cell => cell.getSource())"
        )
        return found

    def set_source(self, cell: int, source: str) -> None:
        self.page.evaluate(
            "([place, source]) =>"
            " jupyterapp.shell.currentWidget.model.sharedModel.getCell(place).setSource(source)",
            [cell, source],
        )

    def start(self) -> None:
        """Run all cells and don't wait."""
        self.jupyter.wait_for_kernel()
        self.page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")

    def wait_for_end(self) -> None:
        """Wait until all that it has begun is over, whoever looks."""
        wait_until(self._is_over, seconds=300)

    def _is_over(self) -> bool:
        return {run["status"] for run in self.runs()}.isdisjoint(GOING_ON)

    def wait_for_run(self, cell: int, number: int) -> None:
        """Wait until the record and the page have a cell's run with this number."""
        expect(self.prompt(cell)).to_have_text(f"[{number}]:")
        wait_until(lambda: (cell, number) in self._ended(), seconds=60)

    def _ended(self) -> set[tuple[int, int | None]]:
        ended = (run for run in self.runs() if run["status"] not in GOING_ON)
        return {(int(run["cell_id"].split("-")[1]), run["execution_count"]) for run in ended}

    def runs(self) -> list[dict[str, Any]]:
        """Return the newest recorded run of each cell."""
        answer = self.server.api("GET", "session/cells", params={"path": self.name})
        cells: list[dict[str, Any]] = answer.json()["cells"]
        return cells

    def put_out(self, cell: int = 0) -> list[dict[str, Any]]:
        """Return what the record has of a cell's newest run."""
        run = next(run for run in self.runs() if run["cell_id"] == f"cell-{cell}")
        path = f"sessions/{run['session_id']}/executions/{run['number']}/outputs"
        outputs: list[dict[str, Any]] = self.server.api("GET", path).json()["outputs"]
        return outputs

    def toast(self, text: str) -> Locator:
        return self.jupyter.toast(text)

    def restore(self) -> None:
        """Click "Restore N outputs" and wait until it is done."""
        self.toast("").get_by_role("button", name="Restore").click()
        self.toast("Restored").wait_for(timeout=120_000)

    def restore_nothing(self) -> None:
        """Ask for what there is to restore; there is nothing."""
        self.jupyter.command("session-export:restore-outputs")
        self.toast("shows all that was recorded").wait_for()

    def save(self) -> None:
        self.jupyter.command("docmanager:save")

    def wait_for_text(self, pattern: str, cell: int = 0) -> None:
        """Wait until what a cell shows in its first output is so."""
        self.page.wait_for_function(
            """([place, pattern]) => {
              const cell = jupyterapp.shell.currentWidget.model.sharedModel.getCell(place);
              return new RegExp(pattern).test(cell.getOutputs()[0]?.text ?? '');
            }""",
            arg=[cell, pattern],
        )

    def prompt(self, cell: int = 0) -> Locator:
        return self.page.locator(".jp-CodeCell .jp-InputPrompt").nth(cell)


@contextlib.contextmanager
def notebook(browser: Profile, server: RunningServer, name: str) -> Iterator[Notebook]:
    """Close its pages at the end."""
    one = Notebook(browser, server, name)
    try:
        yield one
    finally:
        one.close()
