"""A notebook that isn't recorded: turned off and on by its indicator, or off by the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import quiet_server, screenshot
from tests.e2e.jupyter_page import JupyterPage, opened, write_notebook
from tests.e2e.sidebar import Sidebar
from tests.exporting import executions
from tests.servers import RunningServer

OFF, ON = "Do Not Record This Notebook", "Record This Notebook"


@pytest.fixture(params=["lab", "notebook7"])
def jupyter(request: pytest.FixtureRequest, page: Page) -> JupyterPage:
    return JupyterPage(page, request.getfixturevalue(request.param))


@pytest.fixture(scope="module")
def discreet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A JupyterLab whose settings have notebooks off."""
    folder = tmp_path_factory.mktemp("discreet")
    config = folder / "home" / "config"
    config.mkdir(parents=True)
    setting = "c.SessionExport.unrecorded_notebooks = ['private/*']\n"
    (config / "jupyter_server_config.py").write_text(setting)
    with quiet_server(folder, "lab") as server:
        yield server


def _choose(jupyter: JupyterPage, entry: str, shot: str | None = None) -> None:
    """Choose an entry of the indicator's context menu."""
    jupyter.recording_button().click(button="right")
    item = jupyter.page.get_by_role("menuitem", name=entry, exact=True)
    expect(item).to_be_visible()
    if shot:
        screenshot(jupyter.page, f"notebook-off-menu-{shot}-{jupyter.server.app}")
    item.click()


def _shots(jupyter: JupyterPage, name: str) -> None:
    for theme in ("dark", "light"):
        jupyter.wear(theme)
        expect(jupyter.page.locator("#jupyterlab-splash")).to_have_count(0)
        screenshot(jupyter.page, f"notebook-off-{name}-{theme}-{jupyter.server.app}")


def test_a_notebook_is_turned_off_and_on_by_its_indicator(jupyter: JupyterPage) -> None:
    """By the context menu and by a click; nothing of what it ran meanwhile is in the ZIP."""
    write_notebook(jupyter.server.root / "mine.ipynb", [])
    jupyter.open("mine.ipynb")
    button = jupyter.recording_button()
    expect(button).to_have_attribute("data-state", "on")
    jupyter.execute("print('before')")
    _choose(jupyter, OFF, "off")
    expect(button).to_have_attribute("data-state", "off")
    expect(button).to_have_text("Notebook off")
    _shots(jupyter, "by-word")
    jupyter.execute("print('SECRET')")
    _choose(jupyter, ON)
    expect(button).to_have_attribute("data-state", "on")
    jupyter.execute("print('between')")
    _choose(jupyter, OFF)
    expect(button).to_have_attribute("data-state", "off")
    jupyter.execute("print('SECRET')")
    button.click()
    expect(button).to_have_attribute("data-state", "on")
    jupyter.execute("print('after')")
    with opened(jupyter.download()) as archive:
        assert not any(b"SECRET" in archive.read(name) for name in archive.namelist())
        mine = [one for one in executions(archive) if one["notebook"] == "mine.ipynb"]
        printed = [archive.read(f"{one['folder']}/stdout.txt") for one in mine]
    assert printed == [b"before\n", b"between\n", b"after\n"]


def test_what_the_settings_have_off_is_shown(page: Page, discreet: RunningServer) -> None:
    """The indicator and the sidebar say so, and nobody can turn it on there."""
    (discreet.root / "private").mkdir()
    write_notebook(discreet.root / "private" / "a.ipynb", ["print('SECRET')"])
    jupyter = JupyterPage(page, discreet)
    jupyter.open("private/a.ipynb")
    button = jupyter.recording_button()
    expect(button).to_have_attribute("data-state", "off")
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", re.compile("The settings of this server say so"))
    sidebar = Sidebar(jupyter)
    sidebar.show()
    expect(sidebar.current).to_contain_text("Not recorded: private/a.ipynb")
    _shots(jupyter, "by-settings")
