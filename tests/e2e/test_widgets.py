"""Widgets in a real browser: one is moved, and a reader of the exported notebook sees it."""

from __future__ import annotations

import re
import subprocess
import sys

from playwright.sync_api import Page, expect

from jupyter_session_export.archive.widgets import STATE
from tests.e2e.conftest import screenshot
from tests.e2e.jupyter_page import JupyterPage, opened, write_notebook
from tests.servers import RunningServer

CELLS = [
    "import ipywidgets as w\nw.IntSlider(value=7, description='Speed')",
    "w.IntProgress(value=3, max=4, description='Bar')",
]


def test_the_exported_notebook_shows_its_widgets(page: Page, lab: RunningServer) -> None:
    """As the person left them, opened again on a kernel that has never heard of them."""
    jupyter = JupyterPage(page, lab)
    write_notebook(lab.root / "live.ipynb", CELLS)
    jupyter.open("live.ipynb")
    jupyter.run_all()
    handle = page.locator(".widget-slider .noUi-handle")
    expect(page.locator(".widget-readout")).to_have_text("7")
    handle.press("ArrowRight")
    expect(page.locator(".widget-readout")).to_have_text("8")
    jupyter.wait_for_kernel()
    archive = opened(jupyter.download())
    assert STATE not in (lab.root / "live.ipynb").read_text()
    former = jupyter.kernel_id()
    (lab.root / "exported.ipynb").write_bytes(archive.read("code/notebook_1.ipynb"))
    # JupyterLab shows no widgets of a notebook from elsewhere before its reader trusts it.
    trust = [sys.executable, "-m", "jupyter", "trust", "exported.ipynb"]
    subprocess.run(trust, cwd=lab.root, env=lab.environment, check=True, capture_output=True)
    page.goto(f"{lab.url}lab/workspaces/alone/tree/exported.ipynb?token={lab.token}")
    # jupyterlab-manager 5.0 waits for a kernel, of which it then wants nothing.
    jupyter.wait_for_kernel()
    assert jupyter.kernel_id() != former
    expect(page.locator(".widget-readout")).to_have_text("8")
    expect(page.locator(".widget-slider .noUi-handle")).to_be_visible()
    expect(page.locator(".widget-label", has_text="Speed")).to_be_visible()
    expect(page.locator(".progress-bar")).to_have_attribute("style", re.compile("width: 75%"))
    screenshot(page, "widgets-of-an-exported-notebook")
