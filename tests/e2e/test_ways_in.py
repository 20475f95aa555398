"""Every place where a person finds "Download Session", and how it looks there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import screenshot
from tests.e2e.jupyter_page import JupyterPage, lightness, opened, write_notebook
from tests.exporting import executions, own_files
from tests.servers import RunningServer
from tests.waiting import wait_until

NAME = "Download Session"


@pytest.fixture(params=["lab", "notebook7"])
def jupyter(request: pytest.FixtureRequest, page: Page) -> JupyterPage:
    jupyter = JupyterPage(page, request.getfixturevalue(request.param))
    write_notebook(jupyter.server.root / "ways.ipynb", ["1"])
    jupyter.open("ways.ipynb")
    return jupyter


def test_the_file_menu_has_it(jupyter: JupyterPage) -> None:
    """It works from the File menu."""
    jupyter.page.get_by_role("menuitem", name="File", exact=True).click()
    with jupyter.page.expect_download() as caught:
        jupyter.page.locator(".lm-Menu").get_by_text(NAME).click()
    assert opened(caught.value).testzip() is None


def test_the_command_palette_has_it(jupyter: JupyterPage) -> None:
    """It works from the command palette, by keyboard alone."""
    wait_until(lambda: _palette_finds_it(jupyter.page))
    with jupyter.page.expect_download() as caught:
        jupyter.page.keyboard.press("Enter")
    assert opened(caught.value).testzip() is None


def _palette_finds_it(page: Page) -> bool:
    """Press its keys: a page that loads its settings is deaf, opening a notebook closes it."""
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+Shift+KeyC")
    try:
        expect(page.locator(".lm-CommandPalette-input:visible")).to_be_focused(timeout=3_000)
        page.keyboard.type(NAME)
        item = page.locator(".lm-CommandPalette-item").filter(has_text=NAME)
        expect(item).to_be_visible(timeout=3_000)
    except AssertionError:
        return False
    return True


def test_the_launcher_has_it(page: Page, lab: RunningServer) -> None:
    """JupyterLab's launcher has a card of its own."""
    page.goto(f"{lab.url}lab?reset&token={lab.token}")
    page.wait_for_function("window.jupyterapp?.commands?.hasCommand('launcher:create')")
    page.evaluate("jupyterapp.commands.execute('launcher:create')")
    card = page.locator(".jp-LauncherCard").filter(has_text=NAME)
    card.scroll_into_view_if_needed()
    screenshot(page, "launcher")
    with page.expect_download() as caught:
        card.click()
    assert opened(caught.value).testzip() is None


def test_it_can_be_seen_in_the_dark(jupyter: JupyterPage) -> None:
    """In the dark theme button and indicator stand out from the toolbar."""
    page = jupyter.page
    jupyter.wear("dark")
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    expect(jupyter.recording_button()).to_have_attribute("data-state", "on")
    color, background = page.evaluate(
        """() => {
          const button = document.querySelector('.jp-SessionExport-recording');
          const bar = button.closest('.jp-Toolbar');
          return [getComputedStyle(button).color, getComputedStyle(bar).backgroundColor];
        }"""
    )
    assert abs(lightness(color) - lightness(background)) > 80
    screenshot(page, f"dark-{jupyter.server.app}-1280")
    page.set_viewport_size({"width": 700, "height": 700})
    screenshot(page, f"dark-{jupyter.server.app}-700")
    jupyter.wear("light")


def test_what_was_left_out_is_told(jupyter: JupyterPage) -> None:
    """The last notification says how many files are not in the ZIP, and where to look."""

    def leave_out(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "left_out": 3})

    jupyter.page.route(re.compile(r"/session-export/api/exports/[0-9a-f]+(\?.*)?$"), leave_out)
    jupyter.download()
    toast = jupyter.toast("manifest.json")
    expect(toast).to_contain_text("3 files")
    screenshot(jupyter.page, f"left-out-{jupyter.server.app}")


def test_the_zip_is_never_in_the_browsers_memory(page: Page, lab: RunningServer) -> None:
    """A download of 150 MB leaves the browser's processes about as large as they were."""
    jupyter = JupyterPage(page, lab)
    write_notebook(lab.root / "large.ipynb", ["1"])
    jupyter.open("large.ipynb")
    jupyter.run_all()
    noise = own_files(lab) / "noise.bin"
    noise.write_bytes(os.urandom(150_000_000))
    before = _browser_bytes()
    download = jupyter.download()
    size = Path(download.path()).stat().st_size
    assert size > 150_000_000
    assert _browser_bytes() - before < size // 3
    assert executions(opened(download))
    noise.unlink()


def _browser_bytes() -> int:
    """Return the memory of all processes of the browser: each page its own."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    sizes = []
    for process in children:
        try:
            if "chrom" in process.name():
                sizes.append(process.memory_full_info().uss)
        except psutil.NoSuchProcess:
            continue
    return sum(sizes)
