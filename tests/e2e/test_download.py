"""The main job in a real browser: run a notebook, click the button, hold the ZIP."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from jupyter_session_export.archive.verify import verify
from tests.e2e.conftest import screenshot
from tests.e2e.jupyter_page import JupyterPage, opened, write_notebook
from tests.e2e.listener import Heard, Listener
from tests.exporting import executions
from tests.servers import running_server

CELLS = [
    "print('hällo', 1)\nfor i in range(2000): print(i)",
    "import sys; print('to stderr', file=sys.stderr); print('to stdout')",
    "from IPython.display import HTML, Image, JSON, SVG, display\n"
    "display(HTML('<b>bold</b>')); display(JSON({'a': [1, 2]}))\n"
    'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\'))',
    "import base64\nImage(base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='))",
    "raise ValueError('on purpose')",
    "6 * 7",
]


@pytest.fixture(params=["lab", "notebook7"])
def jupyter(request: pytest.FixtureRequest, page: Page) -> JupyterPage:
    return JupyterPage(page, request.getfixturevalue(request.param))


def test_the_zip_holds_what_the_kernel_sent(jupyter: JupyterPage, request: Any) -> None:
    """Each execution in the ZIP equals, to the byte, what a second client heard."""
    write_notebook(jupyter.server.root / "run.ipynb", CELLS)
    jupyter.open("run.ipynb")
    runtime = Path(jupyter.server.environment["JUPYTER_RUNTIME_DIR"])
    with Listener(runtime, jupyter.kernel_id()) as listener:
        jupyter.run_all()
        heard = listener.hear(len(CELLS))
    download = jupyter.download()
    screenshot(jupyter.page, f"{request.node.name}-downloaded")
    assert download.suggested_filename.startswith("session_export_20")
    assert verify(Path(download.path())).ok
    archive = opened(download)
    found = {one["msg_id"]: one for one in executions(archive) if one["notebook"] == "run.ipynb"}
    assert set(found) == set(heard)
    for msg_id, one in found.items():
        _compare(archive, one, heard[msg_id])
    by_source = {heard[one["msg_id"]].source: one for one in found.values()}
    assert by_source[CELLS[4]]["status"] == "error"
    assert by_source[CELLS[0]]["cell_id"] == "cell-0"
    # The button saved first: the notebook in the ZIP has its outputs.
    saved = nbformat.reads(archive.read("code/notebook_1.ipynb").decode(), as_version=4)
    assert saved.cells[-1].outputs[0].data["text/plain"] == "42"


def _compare(archive: Any, one: dict[str, Any], heard: Heard) -> None:
    folder = one["folder"]
    names = archive.namelist()
    assert archive.read(f"{folder}/source.py").decode() == heard.source
    for name in ("stdout", "stderr"):
        if name in heard.streams:
            assert archive.read(f"{folder}/{name}.txt") == heard.streams[name]
        else:
            assert f"{folder}/{name}.txt" not in names
    outputs = json.loads(archive.read(f"{folder}/outputs.json"))
    rich = [o for o in outputs if o["output_type"] in ("display_data", "execute_result")]
    assert [sorted(o["data"]) for o in rich] == [sorted(data) for data in heard.data]
    for output, data in zip(rich, heard.data, strict=True):
        for mime, value in data.items():
            content = archive.read(f"{folder}/{output['data'][mime]['$ref']}")
            assert content == _content(mime, value), mime
    if heard.error:
        assert one["error"]["name"] == heard.error["ename"]
        assert one["error"]["traceback"] == heard.error["traceback"]


def _content(mime: str, value: Any) -> bytes:
    if mime == "application/json":
        return json.dumps(value).encode() if not isinstance(value, str) else value.encode()
    if mime.startswith("image/") and mime != "image/svg+xml":
        return base64.b64decode(value)
    return str(value).encode()


def test_unsaved_work_is_saved_first(jupyter: JupyterPage) -> None:
    """The notebook in the ZIP is the one on the page, not the one that was on disk."""
    write_notebook(jupyter.server.root / "unsaved.ipynb", ["'as on disk'"])
    jupyter.open("unsaved.ipynb")
    jupyter.page.evaluate(
        "jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource('7 * 6')"
    )
    archive = opened(jupyter.download())
    notebooks = [archive.read(n) for n in archive.namelist() if n.endswith(".ipynb")]
    assert any(b"7 * 6" in notebook for notebook in notebooks)


def test_a_double_click_starts_one_export(jupyter: JupyterPage) -> None:
    """The second click of a double click does nothing."""
    write_notebook(jupyter.server.root / "twice.ipynb", ["1"])
    jupyter.open("twice.ipynb")
    posts: list[str] = []
    jupyter.page.on(
        "request",
        lambda r: posts.append(r.url) if r.method == "POST" and "/exports" in r.url else None,
    )
    with jupyter.page.expect_download():
        jupyter.download_button().dblclick()
    assert len(posts) == 1


def test_the_recording_can_be_paused_with_one_click(jupyter: JupyterPage) -> None:
    """The indicator shows the state, and a click on it pauses and resumes."""
    write_notebook(jupyter.server.root / "pause.ipynb", ["'while paused'"])
    jupyter.open("pause.ipynb")
    button = jupyter.recording_button()
    expect(button).to_have_attribute("data-state", "on")
    button.click()
    expect(button).to_have_attribute("data-state", "paused")
    jupyter.run_all()
    button.click()
    expect(button).to_have_attribute("data-state", "on")
    archive = opened(jupyter.download())
    sources = [archive.read(n) for n in archive.namelist() if n.endswith("/source.py")]
    assert b"'while paused'" not in sources


def test_an_error_is_told_with_a_way_on(jupyter: JupyterPage) -> None:
    """When the export fails the page says why, and "Try again" works once it can."""
    write_notebook(jupyter.server.root / "error.ipynb", ["1"])
    jupyter.open("error.ipynb")
    broken = {"code": "TOO_MANY_EXPORTS", "message": "Two are under way.", "detail": "Wait."}
    jupyter.page.route(
        re.compile(r"/session-export/api/exports(\?.*)?$"),
        lambda route: route.fulfill(status=429, json=broken),
        times=1,
    )
    jupyter.download_button().click()
    toast = jupyter.toast("Two are under way.")
    expect(toast).to_be_visible()
    expect(toast).to_contain_text("Wait.")
    screenshot(jupyter.page, f"error-{jupyter.server.app}")
    with jupyter.page.expect_download() as caught:
        toast.get_by_role("button", name="Try again").click()
    assert opened(caught.value).testzip() is None


def test_a_page_without_referer_can_download(jupyter: JupyterPage) -> None:
    """Where Referers are forbidden, the link has the XSRF token of the page's cookie instead."""
    write_notebook(jupyter.server.root / "referer.ipynb", ["1"])
    jupyter.open("referer.ipynb")
    jupyter.page.evaluate(
        """() => {
          const policy = document.createElement('meta');
          policy.name = 'referrer';
          policy.content = 'no-referrer';
          document.head.append(policy);
        }"""
    )
    download = jupyter.download()
    assert "?_xsrf=" in download.url
    assert opened(download).testzip() is None


def test_a_session_that_is_not_recorded_says_so(page: Page, tmp_path: Path) -> None:
    """The notebook opens as ever, and its indicator offers no click that could only fail."""
    flags = ["--LabApp.expose_app_in_browser=True", "--SessionExport.record=False"]
    with running_server(tmp_path, app="lab", arguments=flags) as server:
        jupyter = JupyterPage(page, server)
        write_notebook(server.root / "off.ipynb", ["1"])
        jupyter.open("off.ipynb")
        button = jupyter.recording_button()
        expect(button).to_have_attribute("data-state", "off")
        expect(button).to_have_text("Not recorded")
        expect(button).to_be_disabled()
        assert jupyter.download().suggested_filename.endswith(".zip")
