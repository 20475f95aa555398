"""Widgets in a real browser: one is moved, and the exported notebook shows it without a kernel."""

from __future__ import annotations

import subprocess
import sys

import nbformat
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
    """As the person left them, opened again without a kernel."""
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
    notebook = nbformat.reads(archive.read("code/notebook_1.ipynb").decode(), as_version=4)
    assert STATE not in (lab.root / "live.ipynb").read_text()
    # A kernel that isn't here: so the page asks, and a person says that there is to be none.
    del notebook.metadata["language_info"]
    notebook.metadata["kernelspec"] = {"name": "gone", "display_name": "Gone", "language": "none"}
    nbformat.write(notebook, lab.root / "exported.ipynb")
    # JupyterLab shows no widgets of a notebook from elsewhere before its reader trusts it.
    trust = [sys.executable, "-m", "jupyter", "trust", "exported.ipynb"]
    subprocess.run(trust, cwd=lab.root, env=lab.environment, check=True, capture_output=True)
    page.goto(f"{lab.url}lab/workspaces/alone/tree/exported.ipynb?token={lab.token}")
    page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click()
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    expect(page.locator(".widget-readout")).to_have_text("8")
    expect(page.locator(".widget-slider .noUi-handle")).to_be_visible()
    expect(page.locator(".widget-label", has_text="Speed")).to_be_visible()
    expect(page.locator(".progress-bar")).to_have_attribute("style", "width: 75%;")
    assert page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session") is None
    screenshot(page, "widgets-without-a-kernel")
