"""The way of an export into the browser: watched, cancelled, cut, resumed, and told of."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from tests.e2e.cable import Cable
from tests.e2e.conftest import quiet_server, screenshot
from tests.e2e.jupyter_page import JupyterPage, opened, write_notebook
from tests.exporting import own_files
from tests.servers import RunningServer

LONG = 40 * 1024**3
"""A sparse file of so many zeros keeps the server compressing for longer than any test looks."""
NOISE = 40_000_000
"""Incompressible bytes: more than what the buffers between server and browser take."""
SHARE = re.compile(r"[1-9]\d* %")
CLIENT_KEY = "jupyter-session-export:client"


@pytest.fixture(params=["lab", "notebook7"])
def jupyter(request: pytest.FixtureRequest, page: Page) -> JupyterPage:
    return opened_page(request.getfixturevalue(request.param), page)


@pytest.fixture
def cable(lab: RunningServer) -> Iterator[Cable]:
    with Cable(lab.port) as cable:
        yield cable


@pytest.fixture
def outputs(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The folder of the session's own files, empty at the end."""
    app = "lab"
    if "jupyter" in request.fixturenames:
        app = request.getfixturevalue("jupyter").server.app
    server: RunningServer = request.getfixturevalue("lab" if app == "lab" else "notebook7")
    folder = own_files(server)
    yield folder
    for path in folder.iterdir():
        path.unlink()


def opened_page(server: RunningServer, page: Page, url: str | None = None) -> JupyterPage:
    jupyter = JupyterPage(page, server, url)
    page.set_default_timeout(60_000)
    write_notebook(server.root / "delivery.ipynb", ["print('delivered')"])
    jupyter.open("delivery.ipynb")
    return jupyter


def behind(cable: Cable, lab: RunningServer, page: Page) -> JupyterPage:
    return opened_page(lab, page, f"http://127.0.0.1:{cable.port}/")


def zeros(folder: Path, size: int) -> Path:
    path = folder / "zeros.txt"
    with path.open("wb") as file:
        file.truncate(size)
    return path


def noise(folder: Path) -> Path:
    path = folder / "noise.bin"
    path.write_bytes(os.urandom(NOISE))
    return path


def begun(jupyter: JupyterPage, share: bool = True) -> Locator:
    """Click the button; return the notification once it tells how far it is."""
    jupyter.download_button().click()
    toast = jupyter.toast("Download Session: compressing")
    expect(toast).to_be_visible()
    if share:
        expect(toast).to_contain_text(SHARE)
    return toast


def settled(toast: Locator) -> None:
    """Wait until a notification has come to rest, for a picture of it."""
    expect(toast).to_be_visible()
    toast.scroll_into_view_if_needed()


def newest(server: RunningServer) -> dict[str, Any]:
    job: dict[str, Any] = server.api("GET", "exports", params={"limit": 1}).json()["exports"][0]
    return job


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def whole_sha256(server: RunningServer) -> str:
    """Return the hash of the newest export's ZIP, fetched past the browser."""
    answer = server.api("GET", f"exports/{newest(server)['id']}/download")
    assert answer.status_code == 200, answer.text
    return hashlib.sha256(answer.content).hexdigest()


def test_an_export_is_followed_from_start_to_end(jupyter: JupyterPage, outputs: Path) -> None:
    """One notification: how far, how fast, how long, the download, its end."""
    zeros(outputs, 3 * 1024**3)
    with jupyter.page.expect_download() as caught:
        toast = begun(jupyter)
        expect(toast).to_contain_text(re.compile(r"[\d.]+ [MG]B/s, about \d+ (s|min) left"))
        screenshot(jupyter.page, f"progress-{jupyter.server.app}")
    settled(jupyter.toast("was sent to your browser"))
    screenshot(jupyter.page, f"sent-{jupyter.server.app}")
    assert Path(caught.value.path()).stat().st_size == newest(jupyter.server)["bytes"]


def test_an_export_can_be_cancelled(jupyter: JupyterPage, outputs: Path) -> None:
    """Cancel in the notification ends it on the server, and no download comes."""
    downloads: list[Download] = []
    # Playwright marks its listeners, which it can't do to a built-in method.
    jupyter.page.on("download", lambda download: downloads.append(download))  # noqa: PLW0108
    zeros(outputs, LONG)
    begun(jupyter).get_by_role("button", name="Cancel").click()
    expect(jupyter.toast("Download Session: cancelled.")).to_be_visible()
    job = newest(jupyter.server)
    assert (job["state"], job["error"]["code"]) == ("cancelled", "CANCELLED_BY_USER")
    assert downloads == []
    expect(jupyter.download_button()).to_be_enabled()


def test_a_reload_in_mid_export_is_told(jupyter: JupyterPage, outputs: Path) -> None:
    """The page after says what it stopped, once, and "Start again" works."""
    held_up = zeros(outputs, LONG)
    begun(jupyter)
    jupyter.page.reload()
    toast = jupyter.toast("was stopped when this page was reloaded")
    settled(toast)
    screenshot(jupyter.page, f"reloaded-{jupyter.server.app}")
    job = newest(jupyter.server)
    assert (job["state"], job["error"]["code"]) == ("cancelled", "CANCELLED_SESSION_CHANGE")
    held_up.unlink()
    with jupyter.page.expect_download() as caught:
        toast.get_by_role("button", name="Start again").click()
    assert opened(caught.value).testzip() is None
    expect(jupyter.toast("was sent to your browser")).to_be_visible()
    jupyter.page.reload()
    jupyter.wait_for_kernel()
    expect(jupyter.page.locator(".Toastify__toast")).to_have_count(0)


def test_a_reload_in_mid_download_is_told(
    page: Page, lab: RunningServer, cable: Cable, outputs: Path
) -> None:
    """A download that the reload has cut can be started again."""
    noise(outputs)
    jupyter = behind(cable, lab, page)
    cable.hold(10_000_000)
    with page.expect_download() as caught:
        jupyter.download_button().click()
    cable.wait()
    expect(jupyter.toast("Downloading")).to_contain_text(SHARE)
    screenshot(page, "downloading")
    page.reload()
    toast = jupyter.toast("was stopped when this page was reloaded")
    expect(toast).to_be_visible()
    cable.go_on()
    assert caught.value.failure()
    with page.expect_download() as again:
        toast.get_by_role("button", name="Start again").click()
    assert sha256(again.value.path()) == whole_sha256(lab)


def test_a_reload_leaves_another_tabs_export_alone(
    page: Page, lab: RunningServer, outputs: Path
) -> None:
    """What another tab has begun is prepared on."""
    zeros(outputs, LONG)
    one, other = opened_page(lab, page), opened_page(lab, page.context.new_page())
    toast = begun(other)
    done = newest(lab)["progress"]["bytes_done"]
    one.page.reload()
    one.wait_for_kernel()
    job = newest(lab)
    assert job["state"] == "preparing"
    assert job["progress"]["bytes_done"] > done
    expect(one.page.locator(".Toastify__toast")).to_have_count(0)
    toast.get_by_role("button", name="Cancel").click()
    expect(other.toast("cancelled")).to_be_visible()


def test_a_reload_leaves_another_tabs_download_alone(
    page: Page, lab: RunningServer, cable: Cable, outputs: Path
) -> None:
    """What another tab downloads comes whole."""
    noise(outputs)
    one, other = opened_page(lab, page), behind(cable, lab, page.context.new_page())
    cable.hold(10_000_000)
    with other.page.expect_download() as caught:
        other.download_button().click()
    cable.wait()
    one.page.reload()
    one.wait_for_kernel()
    cable.go_on()
    assert sha256(caught.value.path()) == whole_sha256(lab)
    expect(other.toast("was sent to your browser")).to_be_visible()


def test_a_duplicated_tab_is_another_client(page: Page, lab: RunningServer, outputs: Path) -> None:
    """It inherits the tab's storage, and leaves the tab's export alone nevertheless."""
    zeros(outputs, LONG)
    jupyter = opened_page(lab, page)
    toast = begun(jupyter)
    with page.expect_popup() as caught:
        page.evaluate("window.open(location.href)")
    duplicate = JupyterPage(caught.value, lab)
    own = page.evaluate(f"sessionStorage.getItem('{CLIENT_KEY}')")
    duplicate.page.wait_for_function(
        f"own => ![null, own].includes(sessionStorage.getItem('{CLIENT_KEY}'))", arg=own
    )
    duplicate.wait_for_kernel()
    assert newest(lab)["state"] == "preparing"
    expect(duplicate.page.locator(".Toastify__toast")).to_have_count(0)
    toast.get_by_role("button", name="Cancel").click()
    expect(jupyter.toast("cancelled")).to_be_visible()


def test_a_download_can_be_cancelled(
    page: Page, lab: RunningServer, cable: Cable, outputs: Path
) -> None:
    """Cancel in the notification ends it on the server and in the browser."""
    noise(outputs)
    jupyter = behind(cable, lab, page)
    cable.hold(10_000_000)
    with page.expect_download() as caught:
        jupyter.download_button().click()
    cable.wait()
    jupyter.toast("Downloading").get_by_role("button", name="Cancel").click()
    expect(jupyter.toast("Download Session: cancelled.")).to_be_visible()
    cable.go_on()
    assert caught.value.failure()
    assert newest(lab)["transfers"] == 0


def test_a_cut_download_is_resumed_by_the_browser(
    page: Page, lab: RunningServer, cable: Cable, outputs: Path
) -> None:
    """It asks for the rest only, and the file is the same to the byte."""
    noise(outputs)
    jupyter = behind(cable, lab, page)
    cable.hold(10_000_000, 7_000_000)
    with page.expect_download() as caught:
        jupyter.download_button().click()
    for _ in range(2):
        cable.wait()
        cable.cut()
    assert sha256(caught.value.path()) == whole_sha256(lab)
    etag = newest(lab)["etag"]
    first, *others = cable.requests
    assert "Range:" not in first
    assert len(others) == 2
    for head in others:
        assert re.search(r"^Range: bytes=\d{7,8}-", head, re.MULTILINE), head
        assert f"If-Range: {etag}" in head
    expect(jupyter.toast("was sent to your browser")).to_be_visible()


def test_an_interrupted_download_can_be_had_again(
    page: Page, lab: RunningServer, cable: Cable, outputs: Path
) -> None:
    """Where the browser has given up the page says how far it was; the same ZIP comes again."""
    noise(outputs)
    jupyter = behind(cable, lab, page)
    cable.hold(10_000_000)
    with page.expect_download() as caught:
        jupyter.download_button().click()
    cable.wait()
    expect(jupyter.toast("Downloading")).to_contain_text(SHARE)
    caught.value.cancel()
    cable.cut()
    toast = jupyter.toast("was interrupted at")
    settled(toast)
    screenshot(page, "interrupted")
    job = newest(lab)
    with page.expect_download() as again:
        toast.get_by_role("button", name="Download again").click()
    assert sha256(again.value.path()) == whole_sha256(lab)
    assert newest(lab)["id"] == job["id"]


def test_a_download_is_resumed_by_its_url(
    page: Page, lab: RunningServer, cable: Cable, outputs: Path
) -> None:
    """What one program has begun another ends: the parts together are the whole."""
    noise(outputs)
    jupyter = behind(cable, lab, page)
    download = jupyter.download()
    whole = Path(download.path()).read_bytes()
    path, etag = f"exports/{newest(lab)['id']}/download", newest(lab)["etag"]
    rest = lab.api("GET", path, headers={"Range": "bytes=12345678-", "If-Range": etag})
    assert rest.status_code == 206
    assert whole[:12345678] + rest.content == whole


def test_what_was_left_out_is_shown(jupyter: JupyterPage, outputs: Path) -> None:
    """The last notification says how many files, and "Show" lists them with reasons."""
    os.mkfifo(outputs / "pipe.fifo")
    (outputs / "dangling.txt").symlink_to("nowhere.txt")
    page = jupyter.page
    archive = opened(jupyter.download())
    toast = jupyter.toast("2 files were left out")
    settled(toast)
    screenshot(page, f"left-out-{jupyter.server.app}")
    toast.get_by_role("button", name="Show").click()
    dialog = page.get_by_role("dialog").filter(has_text="Left out of the ZIP")
    rows = dialog.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(dialog).to_contain_text("outputs/bulk/pipe.fifo")
    expect(dialog).to_contain_text("outputs/bulk/dangling.txt")
    reasons = re.findall(r'"reason": "([^"]+)"', archive.read("manifest.json").decode())
    for reason in reasons:
        expect(dialog).to_contain_text(reason)
    for theme in ("Light", "Dark"):
        jupyter.command("apputils:change-theme", {"theme": f"JupyterLab {theme}"})
        is_light = "true" if theme == "Light" else "false"
        page.wait_for_function(f"document.body.dataset.jpThemeLight === '{is_light}'")
        screenshot(page, f"ledger-{jupyter.server.app}-{theme.lower()}")
    jupyter.command("apputils:change-theme", {"theme": "JupyterLab Light"})
    dialog.get_by_role("button", name="Ok", exact=True).click()
    expect(toast).to_be_visible()


def test_notebooks_page_of_files_has_it(page: Page, notebook7: RunningServer) -> None:
    """A button among New and Upload downloads the session."""
    jupyter = JupyterPage(page, notebook7)
    write_notebook(notebook7.root / "files.ipynb", ["1"])
    jupyter.open_files()
    expect(jupyter.download_button()).to_be_visible()
    expect(page.locator(".jp-DirListing-item").first).to_be_visible()
    screenshot(page, "files-notebook")
    assert opened(jupyter.download()).testzip() is None
    expect(jupyter.toast("was sent to your browser")).to_be_visible()


def test_unsaved_notebooks_of_other_tabs_are_saved_first(
    page: Page, notebook7: RunningServer
) -> None:
    """In Notebook 7 each notebook is a tab of its own; the page of files has them saved, too."""
    edited = opened_page(notebook7, page)
    page.evaluate(
        "jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource('6 * 9')"
    )
    edited.run_all()
    files = JupyterPage(page.context.new_page(), notebook7)
    files.open_files()
    archive = opened(files.download())
    notebooks = [archive.read(n) for n in archive.namelist() if n.endswith(".ipynb")]
    assert any(b"6 * 9" in notebook for notebook in notebooks)


def test_the_file_browser_of_jupyterlab_has_no_room_for_it(page: Page, lab: RunningServer) -> None:
    """There is the same toolbar there, whose button stays hidden."""
    jupyter = JupyterPage(page, lab)
    jupyter.open_files()
    page.wait_for_selector(".jp-FileBrowser-toolbar [data-command='filebrowser:refresh']")
    browser = page.locator(".jp-FileBrowser-toolbar")
    expect(browser.get_by_text("Download Session")).to_be_hidden()
    screenshot(page, "files-lab")


def test_a_dead_server_is_told_and_lived_through(page: Page, tmp_path: Path) -> None:
    """The page says that nobody answers; once somebody does, "Try again" works."""
    with quiet_server(tmp_path, "lab") as server:
        jupyter = opened_page(server, page)
        jupyter.close_errors()
        held_up = zeros(own_files(server), LONG)
        begun(jupyter)
        server.kill()
        settled(jupyter.toast("the server does not answer, trying again"))
        screenshot(page, "server-silent")
        toast = jupyter.toast("The Jupyter server does not answer. Is it still running?")
        expect(toast).to_be_visible()
        screenshot(page, "server-dead")
        held_up.unlink()
        server.start()
        with page.expect_download() as caught:
            toast.get_by_role("button", name="Try again").click()
        assert opened(caught.value).testzip() is None
        expect(jupyter.toast("was sent to your browser")).to_be_visible()


def test_a_server_that_dies_in_mid_download_is_told(page: Page, tmp_path: Path) -> None:
    """The page says so, and the same ZIP can be had from the server that comes after."""
    with quiet_server(tmp_path, "lab") as server:
        noise(own_files(server))
        with Cable(server.port) as cable:
            jupyter = behind(cable, server, page)
            jupyter.close_errors()
            cable.hold(10_000_000)
            with page.expect_download():
                jupyter.download_button().click()
            cable.wait()
            expect(jupyter.toast("Downloading")).to_be_visible()
            job = newest(server)
            server.kill()
            cable.go_on()
            toast = jupyter.toast("The Jupyter server does not answer. Is it still running?")
            expect(toast).to_be_visible()
            server.start()
            with page.expect_download() as again:
                toast.get_by_role("button", name="Download again").click()
            assert sha256(again.value.path()) == whole_sha256(server)
            assert newest(server)["id"] == job["id"]
