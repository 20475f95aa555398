"""Opening a notebook of 500 cells: what restoring outputs adds to it, in a real page.

All of its cells have their outputs already, so each is compared and none is offered. Half a second
after it is ready a page asks the server, and then compares. While it waits, for the kernel's own
messages and for the answer, the notebook is there to be worked in: that is no part of its opening.
Comparing takes the page's own thread, in pieces, and counts.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from .bench import Bench
from .samples import in_turn, median
from .server import JupyterServer, jupyter_server
from .table import Result, at_most

NAME = "opening"
CELLS = 500
ROUNDS_EACH = 3
"""Opening takes seconds, and varies: so many times the rounds that others have."""
MOST_OF_WITHOUT = 1.05
WITHIN_MS = 180_000.0
NOTEBOOK = "opened.ipynb"
SOURCE = "for line in range(5):\n    print({number}, line)\n{{'cell': {number}}}"
OPTIONS = (
    "--ServerApp.jpserver_extensions=jupyterlab=True",
    # Where they are installed, too: they would open the notebook in their own way.
    "--ServerApp.jpserver_extensions=jupyter_server_fileid=False",
    "--ServerApp.jpserver_extensions=jupyter_server_nbmodel=False",
    "--ServerApp.jpserver_extensions=jupyter_server_ydoc=False",
    "--LabApp.expose_app_in_browser=True",
)
QUIET = ("--disable-gpu", "--no-first-run", "--disable-background-networking")
SETTINGS, PAGES = "config/lab/user-settings", "config/labconfig"
OURS = "jupyter-session-export"
OTHERS = {
    "@datalayer/jupyter-server-nbmodel": True,
    "@jupyter/collaboration-extension": True,
    "@jupyter/docprovider-extension": True,
}
WITH_OURS = {f"{PAGES}/page_config.json": {"disabledExtensions": OTHERS}}
CONTENDERS: dict[str, dict[str, dict[str, Any]]] = {
    "on": {**WITH_OURS},
    "never": {
        f"{SETTINGS}/{OURS}/plugin.jupyterlab-settings": {"restoreOutputs": "never"},
        **WITH_OURS,
    },
    "disabled": {f"{PAGES}/page_config.json": {"disabledExtensions": {**OTHERS, OURS: True}}},
}
"""What is configured besides, by its file below the server's home."""
NO_NEWS = f"{SETTINGS}/@jupyterlab/apputils-extension/notification.jupyterlab-settings"

WATCHED = """() => {
  const watch = (window.benchWatch = { opened: 0, compared: 0, digests: 0 });
  const { subtle } = crypto;
  const digest = subtle.digest.bind(subtle);
  subtle.digest = async (...given) => {
    const found = await digest(...given);
    watch.digests += 1;
    watch.compared = performance.now();
    return found;
  };
}"""
OPENED = """([path, cells]) => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const isThere = panel?.context?.path === path && panel.context.isReady &&
    panel.model.sharedModel.cells.length === cells;
  const connected = panel?.sessionContext?.session?.kernel?.connectionStatus === 'connected';
  if (!isThere || !connected) {
    return false;
  }
  window.benchWatch.opened ||= performance.now();
  return true;
}"""
COMPARED = "cells => window.benchWatch.digests >= cells"
ASKED = """() => performance.getEntriesByType('resource')
  .filter(one => one.name.includes('session-export/api/session/cells'))
  .map(one => [one.startTime, one.responseEnd])"""
RUN_ALL = """() => jupyterapp.commands.execute('notebook:run-all-cells')
  .then(() => jupyterapp.commands.execute('docmanager:save'))"""


@dataclass(frozen=True, slots=True)
class Opening:
    """Milliseconds: until the notebook is there; for the server's answer; for comparing."""

    opened: float
    answer: float = 0.0
    comparing: float = 0.0

    @property
    def in_all(self) -> float:
        """What the page's thread was at work for."""
        return self.opened + self.comparing


def run(bench: Bench) -> Iterator[Result]:
    """Open the same notebook with restoring, with it turned off, and without the extension."""
    cells = bench.scaled(CELLS, least=20)
    home = bench.folder(NAME)
    root = home / "root"
    root.mkdir()
    _write(home / NO_NEWS, {"fetchNews": "false", "checkForUpdates": False})
    _write(root / NOTEBOOK, _notebook(cells))
    for file, content in CONTENDERS["on"].items():
        _write(home / file, content)
    with jupyter_server(root, home, options=OPTIONS) as server, _browser() as context:
        _record(context, server, cells)
        runs = in_turn(
            {name: partial(_open, context, server, name, cells) for name in CONTENDERS},
            bench.rounds * ROUNDS_EACH,
        )
    shutil.rmtree(home, ignore_errors=True)
    yield from _results(runs, cells)


def _results(runs: Mapping[str, list[Opening]], cells: int) -> Iterator[Result]:
    on = runs["on"]
    with_it = median([one.in_all for one in on])
    for name, words in (("never", "restoring off"), ("disabled", "no extension")):
        without = median([one.opened for one in runs[name]])
        note = f"{with_it:,.0f} ms against {without:,.0f} ms, medians of {len(on)} in turn"
        bar = at_most(MOST_OF_WITHOUT)
        yield Result(
            NAME, f"{cells} cells, of the time with {words}", with_it / without, "", bar, note
        )
    answer, comparing = median([one.answer for one in on]), median([one.comparing for one in on])
    yield Result(
        NAME, "the server's answer", answer, "ms", note=f"nobody waits for it; {cells} runs"
    )
    yield Result(NAME, "comparing in the page", comparing, "ms", note="10 ms at a time")


@contextmanager
def _browser() -> Iterator[BrowserContext]:
    """Yield one profile for all pages, so that JupyterLab itself comes from the cache."""
    named = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    path = next((found for name in named if name and (found := shutil.which(name))), None)
    # Chromium's sandbox can't be had by root.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *sandbox])
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(WITHIN_MS)
        context.add_init_script(f"({WATCHED})()")
        yield context
        browser.close()


def _record(context: BrowserContext, server: JupyterServer, cells: int) -> None:
    """Run all cells in a page and save; the kernel goes on."""
    page = _opened(context, server, cells)
    page.wait_for_function(
        "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
    )
    page.evaluate(RUN_ALL)
    page.close()


def _open(context: BrowserContext, server: JupyterServer, name: str, cells: int) -> Opening:
    """Open the notebook as a contender is configured, until it is there and all is compared."""
    files = [server.home / file for more in CONTENDERS.values() for file in more]
    for file in files:
        file.unlink(missing_ok=True)
    for file, content in CONTENDERS[name].items():
        _write(server.home / file, content)
    page = _opened(context, server, cells)
    opened = float(page.evaluate("benchWatch.opened"))
    if name != "on":
        page.close()
        return Opening(opened)
    page.wait_for_function(COMPARED, arg=cells)
    ((asked, answered),) = page.evaluate(ASKED)
    compared = float(page.evaluate("benchWatch.compared"))
    page.close()
    return Opening(opened, answered - asked, compared - answered)


def _opened(context: BrowserContext, server: JupyterServer, cells: int) -> Page:
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/lab/tree/{NOTEBOOK}?token={server.token}&reset")
    page.wait_for_function(OPENED, arg=[NOTEBOOK, cells])
    return page


def _notebook(cells: int) -> dict[str, Any]:
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "source": SOURCE.format(number=number),
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            }
            for number in range(cells)
        ],
        "metadata": {
            "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
