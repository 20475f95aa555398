"""With its setting on, a page tells what people do with cells; else it tells nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import quiet_server
from tests.e2e.jupyter_page import JupyterPage, write_notebook
from tests.exporting import one_shot
from tests.logs import log_of, told
from tests.servers import RunningServer
from tests.waiting import wait_until

DONE = ("page.", "cell.")


def lines_of(server: RunningServer) -> list[dict[str, Any]]:
    lines = log_of(one_shot(server, include="logs"))
    return [line for line in lines if line["action"].startswith(DONE)]


def edit(jupyter: JupyterPage) -> None:
    """Add a cell below the first, make it Markdown, move it up, delete it."""
    for command in ("insert-cell-below", "change-cell-to-markdown", "move-cell-up", "delete-cell"):
        jupyter.command(f"notebook:{command}")


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_cells_and_notebooks(app: str, page: Page, tmp_path: Path) -> None:
    """Each deed once, in order, by who is signed in."""
    settings = tmp_path / "home" / "settings" / "jupyter-session-export"
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text(json.dumps({"recordCellActivity": True}))
    with quiet_server(tmp_path, app) as server:
        write_notebook(server.root / "cells.ipynb", ["1", "2", "3"])
        jupyter = JupyterPage(page, server)
        jupyter.open("cells.ipynb")
        wait_until(lambda: told(lines_of(server), "page.notebook_open"))
        edit(jupyter)
        wait_until(lambda: told(lines_of(server), "cell.delete"))
        found = lines_of(server)
        assert told(found, *DONE) == [
            ("page.notebook_open", "cells.ipynb"),
            ("cell.add", "cells.ipynb"),
            ("cell.change_type", "cells.ipynb"),
            ("cell.move", "cells.ipynb"),
            ("cell.delete", "cells.ipynb"),
        ]
        changed = found[2]["detail"]
        assert (changed["old_type"], changed["type"]) == ("code", "markdown")
        assert {line["user_id"] for line in found} == {server.api("GET", "session").json()["owner"]}


def test_nothing_is_told_by_default(page: Page, lab: RunningServer) -> None:
    """Cells are the person's own business until they say otherwise."""
    write_notebook(lab.root / "quiet.ipynb", ["1", "2"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    jupyter = JupyterPage(page, lab)
    jupyter.open("quiet.ipynb")
    edit(jupyter)
    page.wait_for_timeout(1500)
    assert not [url for url in asked if "session/activity" in url]
    assert lines_of(lab) == []
