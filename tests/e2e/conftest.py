"""A real browser and real JupyterLab and Notebook servers."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.programs import chromium
from tests.servers import RunningServer, running_server

ARTEFACTS = Path(__file__).parents[2] / "artefacts" / "e2e"
QUIET = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    with chromium_browser() as browser:
        yield browser


@contextlib.contextmanager
def chromium_browser() -> Iterator[Browser]:
    """Run a Chromium without a window."""
    # Chromium's sandbox can't be had by root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[*QUIET, *sandbox], headless=True
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """One profile: what a page has fetched and compiled is there for the next one."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(profile: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh tab that knows no cookie; what it showed last is kept as an artefact."""
    page = profile.new_page()
    yield page
    screenshot(page, request.node.name)
    for each in profile.pages:
        each.close()
    profile.clear_cookies()


def screenshot(page: Page, name: str) -> Path:
    """Keep what the page shows as an artefact."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTEFACTS / f"{name.replace('/', '_')}.png"
    page.screenshot(path=path)
    return path


@contextlib.contextmanager
def quiet_server(
    tmp_path: Path, app: str, *arguments: str, **options: Any
) -> Iterator[RunningServer]:
    """Run a server whose pages don't ask about news, and can be asked for their application."""
    settings = tmp_path / "home" / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    name = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}[app]
    flag = f"--{name}.expose_app_in_browser=True"
    with running_server(tmp_path, app=app, arguments=[flag, *arguments], **options) as server:
        yield server


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A JupyterLab server."""
    with quiet_server(tmp_path_factory.mktemp("lab"), "lab") as server:
        yield server


@pytest.fixture(scope="module")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A Notebook 7 server."""
    with quiet_server(tmp_path_factory.mktemp("notebook"), "notebook") as server:
        yield server
