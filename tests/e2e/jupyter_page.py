"""What a person does on a page of JupyterLab or Notebook 7."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, Locator, Page, expect

from tests.servers import RunningServer

MOST_TABS = 20
_CURRENT = "jupyterapp.shell.currentWidget"
_CONNECTED = """() => {
  const kernel = window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === 'connected' && kernel?.status === 'idle';
}"""


def write_notebook(path: Path, sources: list[str]) -> None:
    """Write a notebook of code cells."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "source": source,
            "metadata": {"tags": ["raises-exception"]} if "raise " in source else {},
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernelspec},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook))


class JupyterPage:
    """A page of either application; both know the same commands."""

    def __init__(self, page: Page, server: RunningServer, url: str | None = None) -> None:
        self.page = page
        self.server = server
        self.url = url or server.url
        self.is_lab = server.app == "lab"

    def open_files(self) -> None:
        """Open the page of files: Notebook 7's own, or JupyterLab with its file browser."""
        self.page.goto(f"{self.url}{'lab' if self.is_lab else 'tree'}?token={self.server.token}")
        self.page.wait_for_function(
            "window.jupyterapp?.commands?.hasCommand('filebrowser:refresh')"
        )

    def open(self, notebook: str) -> None:
        """Open a notebook and wait until its kernel can run cells."""
        folder = "lab/tree" if self.is_lab else "notebooks"
        self.page.goto(f"{self.url}{folder}/{notebook}?token={self.server.token}")
        # JupyterLab shows the tabs of last time first, and their kernels run.
        self.page.wait_for_function(
            "path => window.jupyterapp?.shell?.currentWidget?.context?.path === path", arg=notebook
        )
        # Until then it may still take the focus from whatever a person does.
        self.page.evaluate("jupyterapp.restored.then(() => null)")
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        """The indicator says idle too early: ask the session itself."""
        self.page.wait_for_function(_CONNECTED)

    def kernel_id(self) -> str:
        return str(self.page.evaluate(f"{_CURRENT}.sessionContext.session.kernel.id"))

    def command(self, name: str, args: dict[str, Any] | None = None) -> Any:
        """Run a command of the application and wait for its end."""
        return self.page.evaluate(
            "([name, args]) => jupyterapp.commands.execute(name, args)", [name, args or {}]
        )

    def wear(self, theme: str) -> None:
        """Have the page light or dark."""
        self.command("apputils:change-theme", {"theme": f"JupyterLab {theme.title()}"})
        is_light = str(theme == "light").lower()
        self.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{is_light}'")

    def by_keyboard(self, label: str) -> None:
        """Choose a command in the palette as one does without a mouse."""
        self.page.keyboard.press("Control+Shift+C")
        expect(self.page.locator(".lm-CommandPalette-input:visible")).to_be_focused()
        self.page.keyboard.type(label)
        self.page.locator(".lm-CommandPalette-item.lm-mod-active").filter(has_text=label).wait_for()
        self.page.keyboard.press("Enter")

    def tab_to(self, place: Locator) -> None:
        """Press the tabulator until something has the focus."""
        place.wait_for()
        for _ in range(MOST_TABS):
            if place.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{place} can't be reached by keyboard")

    def run_all(self) -> None:
        """Run all cells and wait until the last one has ended."""
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(_CONNECTED)

    def execute(self, code: str) -> None:
        """Execute code in the notebook's kernel, as a cell that is in no file, to its end."""
        self.page.evaluate(
            f"code => {_CURRENT}.sessionContext.session.kernel.requestExecute({{code}}).done"
            ".then(() => null)",
            code,
        )

    def download_button(self) -> Locator:
        return self.page.locator("[data-jp-item-name='session-download'] :visible").get_by_role(
            "button", name="Download Session"
        )

    def toast(self, text: str) -> Locator:
        """Return the notification that has this text; one that leaves is none any more."""
        return self.page.locator(".Toastify__toast:has([role=alert])").filter(has_text=text)

    def recording_button(self) -> Locator:
        return self.page.locator(".jp-SessionExport-recording:visible")

    def close_errors(self) -> None:
        """Close JupyterLab's own dialog about a lost connection whenever it is in the way."""
        dialog = self.page.get_by_role("dialog").filter(has_text="Server Connection Error")
        self.page.add_locator_handler(
            dialog, lambda: dialog.get_by_role("button", name="Close").click()
        )

    def download(self) -> Download:
        """Click the button and wait for the browser's download."""
        with self.page.expect_download() as caught:
            self.download_button().click()
        return caught.value


def opened(download: Download) -> zipfile.ZipFile:
    """Return what was downloaded as a ZIP."""
    return zipfile.ZipFile(download.path())


def lightness(colour: str) -> float:
    """Return how light a computed colour is, from 0 to 255."""
    channels = [float(number) for number in re.findall(r"[\d.]+", colour)[:3]]
    return sum(channels) / 3
