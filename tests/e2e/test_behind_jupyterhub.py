"""The main job behind JupyterHub's proxy, in a real browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from jupyter_session_export.archive.verify import verify
from tests.e2e.jupyter_page import JupyterPage, opened, write_notebook
from tests.exporting import executions
from tests.hub.person import Person
from tests.hub.running import RunningHub, running_hub

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub doesn't run there")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A Hub at which Ada's server runs, with a notebook."""
    with running_hub(tmp_path_factory.mktemp("hub"), shared="ada", guests=[]) as hub:
        hub.root("ada").mkdir(parents=True)
        write_notebook(hub.root("ada") / "run.ipynb", ["print(6 * 7, 'at the Hub')"])
        with Person(hub, "ada") as ada:
            ada.ask_for_server()
            ada.await_server()
        yield hub


def test_a_person_signs_in_at_the_hub_and_takes_the_session_away(
    hub: RunningHub, page: Page
) -> None:
    """The button works on a page that the proxy sent, below the user's own base URL."""
    page.goto(f"{hub.url}user/ada/lab/tree/run.ipynb")
    page.get_by_label("Username").fill("ada")
    page.get_by_role("button", name="Sign in").click()
    jupyter = JupyterPage(page, hub)  # type: ignore[arg-type]
    jupyter.wait_for_kernel()
    jupyter.run_all()
    download = jupyter.download()
    assert verify(Path(download.path())).ok
    archive = opened(download)
    (ran,) = executions(archive)
    assert (ran["user_id"], ran["notebook"]) == ("ada", "run.ipynb")
    assert archive.read(f"{ran['folder']}/stdout.txt") == b"42 at the Hub\n"
