"""The sidebar "Sessions" in JupyterLab and Notebook 7: what it shows, does and looks like."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from playwright.sync_api import TimeoutError as Timeout

from tests.e2e.conftest import screenshot
from tests.e2e.jupyter_page import JupyterPage, opened, write_notebook
from tests.e2e.sidebar import Sidebar
from tests.exporting import prepared
from tests.servers import RunningServer, running_server

API = "/session-export/api"
CELLS = [
    "print('hällo')",
    "raise ValueError('on purpose')",
    "from jupyter_session_export import session_files\n"
    "for name in ('single/report.csv', 'bulk/run/a.bin', 'bulk/run/b.bin'):\n"
    "    file = session_files.path / name\n"
    "    file.parent.mkdir(parents=True, exist_ok=True)\n"
    "    file.write_text('1,2\\n' * 1000)",
]
AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(params=["lab", "notebook7"])
def sidebar(request: pytest.FixtureRequest, page: Page) -> Sidebar:
    """The sidebar beside a notebook that has run."""
    return _beside_a_notebook(JupyterPage(page, request.getfixturevalue(request.param)))


@pytest.fixture
def lab_sidebar(page: Page, lab: RunningServer) -> Sidebar:
    return _beside_a_notebook(JupyterPage(page, lab))


def _beside_a_notebook(jupyter: JupyterPage) -> Sidebar:
    write_notebook(jupyter.server.root / "run.ipynb", CELLS)
    sidebar = Sidebar(jupyter)
    sidebar.open_beside("run.ipynb")
    jupyter.run_all()
    sidebar.show()
    expect(sidebar.current).to_contain_text("run.ipynb")
    return sidebar


def _shot(sidebar: Sidebar, name: str) -> None:
    screenshot(sidebar.page, f"sidebar-{name}-{sidebar.jupyter.server.app}")


def _answer_with(sidebar: Sidebar, path: str, **answer: Any) -> None:
    """Let the server answer otherwise on a route, and look again."""
    pattern = re.compile(rf"{API}/{path}(\?.*)?$")
    sidebar.page.unroute_all()
    sidebar.page.route(pattern, lambda route: route.fulfill(**answer))
    sidebar.button("Refresh").click()


def test_the_current_session_is_shown_in_full(sidebar: Sidebar) -> None:
    """Its counts, kernels, age, time left and what its ZIP would hold are what the server says."""
    server = sidebar.jupyter.server
    expect(sidebar.current).to_contain_text("Recorded")
    expect(sidebar.current).to_contain_text("Kernels (1)")
    expect(sidebar.current).to_contain_text(
        re.compile(r"old, ends in (1 d|23 h \d+ min) if not used")
    )
    sections = server.api("GET", "session/stats").json()["sections"]
    for box in sidebar.current.locator(".jp-SessionExport-section").all():
        expect(box).to_contain_text(re.compile(r"none|entr|not measured"))
    assert sections["executions"]["entries"] > 0
    described = server.api("GET", "session").json()
    expect(sidebar.current).to_contain_text(f"{described['counts']['executions']} executions")
    _shot(sidebar, "full")


def test_it_follows_what_runs(sidebar: Sidebar) -> None:
    """While it is open, what a cell does arrives by itself."""
    before = sidebar.jupyter.server.api("GET", "session").json()["counts"]["executions"]
    sidebar.jupyter.run_all()
    expect(sidebar.current).to_contain_text(f"{before + len(CELLS)} executions")


def test_what_is_chosen_is_downloaded(sidebar: Sidebar) -> None:
    """Sections that are not ticked are not in the ZIP."""
    for name in ("Executions", "Logs", "Data and readings"):
        sidebar.current.get_by_role("checkbox", name=name).uncheck()
    sidebar.current.get_by_role("radio", name="Fast").check()
    with sidebar.page.expect_download() as caught:
        sidebar.current.get_by_role("button", name="Download Session").click()
    names = opened(caught.value).namelist()
    assert {name.partition("/")[0] for name in names if "/" in name} == {"code", "outputs"}
    expect(sidebar.finished.first).to_contain_text("Ready")
    _shot(sidebar, "downloaded")


def test_nothing_chosen_is_no_download(lab_sidebar: Sidebar) -> None:
    """Without a section there is no button to press, and it says what to do."""
    for box in lab_sidebar.current.get_by_role("checkbox").all():
        box.uncheck()
    button = lab_sidebar.current.get_by_role("button", name="Download Session")
    expect(button).to_be_disabled()
    expect(lab_sidebar.current).to_contain_text("Choose at least one.")


def test_an_export_is_followed_and_cancelled(sidebar: Sidebar) -> None:
    """One that is made shows how far it is; "Cancel" ends it on the server."""
    folder = sidebar.jupyter.server.root / "large"
    folder.mkdir(exist_ok=True)
    with (folder / "zeros.txt").open("wb") as file:
        # Takes no disk, and longer to be packed than any page to be clicked.
        file.truncate(32 * 2**30)
    try:
        job = sidebar.jupyter.server.api("POST", "exports", json={"include": ["workspace"]}).json()
        sidebar.button("Refresh").click()
        expect(sidebar.running).to_contain_text(re.compile(r"Compressing: \d+ %"))
        expect(sidebar.running).to_contain_text(re.compile(r"B/s"))
        _shot(sidebar, "preparing")
        sidebar.running.get_by_role("button", name="Cancel").click()
        expect(sidebar.running).to_have_count(0)
    finally:
        shutil.rmtree(folder)
    expect(sidebar.finished_export(job["id"])).to_contain_text("Cancelled")
    state = sidebar.jupyter.server.api("GET", f"exports/{job['id']}").json()
    assert state["error"]["code"] == "CANCELLED_BY_USER"


def test_a_download_is_followed_and_cancelled(sidebar: Sidebar) -> None:
    """One that somebody fetches slowly shows how far it is; "Cancel" cuts it."""
    server = sidebar.jupyter.server
    (server.root / "noise.bin").write_bytes(os.urandom(30_000_000))
    job = prepared(server, include=["workspace"])
    with (
        server.client() as client,
        client.stream("GET", f"session-export/api/exports/{job['id']}/download") as slow,
    ):
        chunks = slow.iter_raw(1000)
        next(chunks)
        sidebar.button("Refresh").click()
        expect(sidebar.running).to_contain_text(re.compile(r"Downloading: \d+ %, .* of 30"))
        _shot(sidebar, "downloading")
        sidebar.running.get_by_role("button", name="Cancel").click()
        expect(sidebar.running).to_have_count(0)
        with pytest.raises(httpx.TransportError):
            for _ in chunks:
                pass
    (server.root / "noise.bin").unlink()


def test_what_was_left_out_is_listed(sidebar: Sidebar) -> None:
    """Each file that is not in the ZIP is there with its reason."""
    server = sidebar.jupyter.server
    folder = server.root / "odd"
    folder.mkdir(exist_ok=True)
    for name in ("dangling", "dangling too"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to("nowhere")
    job = prepared(server, include=["workspace"])
    assert job["left_out"] >= 2
    ended = sidebar.finished_export(job["id"])
    ended.get_by_role("button", name=re.compile(r"\d+ files left out")).click()
    expect(ended.locator(".jp-SessionExport-leftOut")).to_contain_text("dangling too")
    expect(ended.locator(".jp-SessionExport-reason").first).to_contain_text("Skipped: ")
    ended.scroll_into_view_if_needed()
    _shot(sidebar, "left-out")


def test_a_zip_is_downloaded_again(lab_sidebar: Sidebar) -> None:
    """As long as the server keeps it, the very same ZIP can be had once more."""
    job = prepared(lab_sidebar.jupyter.server, include=["code"])
    ended = lab_sidebar.finished_export(job["id"])
    with lab_sidebar.page.expect_download() as caught:
        ended.get_by_role("button", name="Download").click()
    assert Path(caught.value.path()).stat().st_size == job["bytes"]


def test_recording_is_paused_and_resumed(sidebar: Sidebar) -> None:
    """The button pauses and resumes; the indicator on the notebook says the same."""
    sidebar.current.get_by_role("button", name="Pause recording").click()
    expect(sidebar.current).to_contain_text("Paused")
    expect(sidebar.jupyter.recording_button()).to_have_attribute("data-state", "paused")
    _shot(sidebar, "paused")
    sidebar.current.get_by_role("button", name="Resume recording").click()
    expect(sidebar.current).to_contain_text("Recorded")
    expect(sidebar.jupyter.recording_button()).to_have_attribute("data-state", "on")
    sidebar.jupyter.recording_button().click()
    expect(sidebar.current).to_contain_text("Paused")
    sidebar.jupyter.recording_button().click()
    expect(sidebar.current).to_contain_text("Recorded")


def test_own_files_are_downloaded_and_deleted(sidebar: Sidebar) -> None:
    """Each by itself, all of a category as one ZIP; a deletion asks first."""
    current = sidebar.current
    current.get_by_role("button", name="Own files (3)").click()
    with sidebar.page.expect_download() as caught:
        current.get_by_role("link", name="Download single/report.csv").click()
    assert caught.value.suggested_filename == "report.csv"
    assert Path(caught.value.path()).read_text().startswith("1,2\n")
    with sidebar.page.expect_download() as caught:
        current.get_by_role("link", name="All 2 files in bulk/").click()
    assert len([n for n in opened(caught.value).namelist() if n.endswith(".bin")]) == 2
    _shot(sidebar, "files")
    current.get_by_role("button", name="Delete single/report.csv").click()
    sidebar.answer("Cancel")
    current.get_by_role("button", name="Delete single/report.csv").click()
    _shot(sidebar, "delete")
    sidebar.answer("Delete")
    expect(current.get_by_role("button", name="Own files (2)")).to_be_visible()
    files = sidebar.jupyter.server.api("GET", "session/files").json()["files"]
    assert "single/report.csv" not in [file["path"] for file in files]


def test_a_purge_says_what_goes(sidebar: Sidebar) -> None:
    """It asks what is to go; afterwards it is gone, and the page says how much it was."""
    sidebar.current.get_by_role("button", name="Purge").click()
    _shot(sidebar, "purge")
    sidebar.answer("Cancel")
    assert sidebar.jupyter.server.api("GET", "session").json()["counts"]["executions"] > 0
    sidebar.current.get_by_role("button", name="Purge").click()
    sidebar.answer("Remove From Record")
    expect(sidebar.panel.get_by_role("status").filter(has_text="Removed")).to_be_visible()
    expect(sidebar.current).to_contain_text("0 executions")
    _shot(sidebar, "purged")


def test_a_session_is_ended_and_removed(sidebar: Sidebar) -> None:
    """Its kernels are named and shut down; then it is one of those that can be removed."""
    number = sidebar.current.get_attribute("data-session")
    sidebar.current.get_by_role("button", name="End").click()
    expect(sidebar.page.get_by_role("dialog")).to_contain_text("run.ipynb")
    _shot(sidebar, "end")
    sidebar.answer("Shut Down and End")
    ended = sidebar.panel.locator(f"li[data-session='{number}']")
    expect(ended).to_contain_text("Ended")
    expect(sidebar.current).not_to_have_attribute("data-session", number or "")
    _shot(sidebar, "ended")
    ended.get_by_role("button", name="Remove").click()
    _shot(sidebar, "remove")
    sidebar.answer("Remove")
    expect(ended).to_have_count(0)


def test_it_asks_nothing_while_it_is_hidden(sidebar: Sidebar) -> None:
    """A sidebar that nobody sees leaves the server alone."""
    sidebar.hide()
    with (
        pytest.raises(Timeout),
        sidebar.page.expect_request(re.compile(rf"{API}/(sessions|exports)"), timeout=11_000),
    ):
        pass
    with sidebar.page.expect_request(re.compile(rf"{API}/sessions")):
        sidebar.show()


def test_it_works_by_keyboard(sidebar: Sidebar) -> None:
    """Tab reaches each control, which shows that it has the focus; Enter and Space use it."""
    keyboard = sidebar.page.keyboard
    sidebar.button("Refresh").focus()
    seen: list[str] = []
    for _ in range(30):
        keyboard.press("Tab")
        name, outline, inside = sidebar.page.evaluate(
            """() => {
              const node = document.activeElement;
              const label = node.ariaLabel ?? node.closest('label, button, a')?.textContent;
              return [label, getComputedStyle(node).outlineStyle,
                      node.closest('#jp-SessionExport-panel') !== null];
            }"""
        )
        if not inside:
            break
        assert outline != "none", name
        seen.append(name)
    joined = " | ".join(seen)
    for wanted in ("Download Session", "Pause", "Purge", "End", "Executions", "Own files"):
        assert wanted in joined, joined
    fold = sidebar.current.get_by_role("button", name=re.compile(r"^Session \d+$"))
    fold.focus()
    keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "false")
    keyboard.press("Space")
    expect(fold).to_have_attribute("aria-expanded", "true")
    sidebar.current.get_by_role("checkbox", name="Workspace").focus()
    keyboard.press("Space")
    expect(sidebar.current.get_by_role("checkbox", name="Workspace")).to_be_checked()


def test_it_is_legible_in_each_theme_and_width(sidebar: Sidebar) -> None:
    """From 200 to 600 pixels nothing sticks out, and axe finds no flaw, colours included."""
    server = sidebar.jupyter.server
    sidebar.current.get_by_role("button", name="Own files").click()
    job = prepared(server, include=["workspace"])
    expect(sidebar.finished_export(job["id"])).to_be_visible()
    sidebar.page.set_viewport_size({"width": 1280, "height": 1200})
    sidebar.page.add_script_tag(path=AXE)
    for width in (600, 250):
        sidebar.resize(width)
        for theme in ("dark", "light"):
            sidebar.jupyter.wear(theme)
            assert not sidebar.is_overflowing(), width
            _shot(sidebar, f"{theme}-{width}")
            assert _flaws(sidebar) == []
    sidebar.squeeze(200)
    assert not sidebar.is_overflowing()
    _shot(sidebar, "light-200")


def _flaws(sidebar: Sidebar) -> list[str]:
    found: list[str] = sidebar.panel.evaluate(
        """async panel => {
          const { violations } = await axe.run(panel);
          return violations.flatMap(({ id, nodes }) =>
            nodes.map(node => `${id}: ${node.html} ${node.failureSummary}`));
        }"""
    )
    return found


def test_what_fails_is_told(lab_sidebar: Sidebar) -> None:
    """It says what is wrong and what to do; "Retry" works as soon as it can."""
    named = {"code": "NO_STABLE_IDENTITY", "message": "No identity that lasts.", "detail": None}
    alert = lab_sidebar.panel.get_by_role("alert")
    for name, status, body, text in (
        ("signed-out", 403, {}, "Reload the page to sign in again."),
        ("no-identity", 403, named, "No identity that lasts."),
        ("missing", 404, {}, "is not running. Install and enable it"),
        ("proxy", 502, {}, "The Jupyter server does not answer."),
    ):
        _answer_with(lab_sidebar, "sessions", status=status, json=body)
        expect(alert).to_contain_text(text)
        _shot(lab_sidebar, f"error-{name}")
        lab_sidebar.page.unroute_all()
        lab_sidebar.button("Retry").click()
        expect(alert).to_have_count(0)
        expect(lab_sidebar.current).to_be_visible()


def test_an_action_that_fails_says_why(lab_sidebar: Sidebar) -> None:
    """The server's own words are shown until they are dismissed."""

    def refuse(route: Route) -> None:
        body = {"code": "STORE_UNAVAILABLE", "message": "The disk is full.", "detail": "Make room."}
        route.fulfill(status=507, json=body)

    lab_sidebar.page.route(re.compile(rf"{API}/sessions/[0-9a-f]+/recording"), refuse)
    lab_sidebar.current.get_by_role("button", name="Pause recording").click()
    alert = lab_sidebar.panel.get_by_role("alert")
    expect(alert).to_contain_text("The disk is full.")
    expect(alert).to_contain_text("Make room.")
    _shot(lab_sidebar, "action-failed")
    lab_sidebar.button("Dismiss").click()
    expect(alert).to_have_count(0)


def test_a_page_without_sessions_says_so(lab_sidebar: Sidebar) -> None:
    """Empty lists say that they are empty."""
    nothing = {"sessions": [], "total": 0, "exports": []}
    _answer_with(lab_sidebar, "(sessions|exports)", json=nothing)
    expect(lab_sidebar.panel).to_contain_text("There is no session yet.")
    expect(lab_sidebar.panel).to_contain_text("None yet.")
    _shot(lab_sidebar, "empty")


def test_many_sessions_come_in_pages(lab_sidebar: Sidebar) -> None:
    """The first fifty are there at once, the others when somebody asks for them."""
    (one,) = lab_sidebar.jupyter.server.api("GET", "sessions?limit=1").json()["sessions"]
    old = {**one, "ended_at": one["started_at"], "this_server": False, "kernels": []}
    old["recording"] = {"state": "ended", "reason": None}
    many = [one, *({**old, "id": f"{number:032x}", "number": number} for number in range(120))]

    def page_of(route: Route) -> None:
        limit = int(re.search(r"limit=(\d+)", route.request.url)[1])  # type: ignore[index]
        route.fulfill(json={"sessions": many[:limit], "total": len(many)})

    lab_sidebar.page.route(re.compile(rf"{API}/sessions(\?.*)?$"), page_of)
    lab_sidebar.button("Refresh").click()
    expect(lab_sidebar.sessions).to_have_count(50)
    _shot(lab_sidebar, "many")
    lab_sidebar.button("Show more (50 of 121)").click()
    expect(lab_sidebar.sessions).to_have_count(100)


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[RunningServer]:
    flag = "--LabApp.expose_app_in_browser=True"
    with running_server(tmp_path, app="lab", arguments=[flag]) as server:
        yield server


def test_a_server_that_goes_is_told(page: Page, doomed: RunningServer) -> None:
    """What was known stays on the page, beside the word that the server is gone."""
    sidebar = _beside_a_notebook(JupyterPage(page, doomed))
    sidebar.jupyter.close_errors()
    doomed.kill()
    sidebar.button("Refresh").click()
    expect(sidebar.panel.get_by_role("alert").first).to_contain_text("does not answer")
    expect(sidebar.current).to_be_visible()
    _shot(sidebar, "server-gone")


def test_notebook_7_has_it_in_its_view_menu(page: Page, notebook7: RunningServer) -> None:
    """There, View > Left Sidebar lists it."""
    jupyter = JupyterPage(page, notebook7)
    write_notebook(notebook7.root / "menu.ipynb", ["1"])
    jupyter.open("menu.ipynb")
    page.get_by_role("menuitem", name="View", exact=True).click()
    page.locator(".lm-Menu-item").filter(has_text="Left Sidebar").hover()
    entry = page.locator(".lm-Menu-item").filter(has_text="Show Sessions")
    expect(entry).to_be_visible()
    screenshot(page, "sidebar-menu-notebook")
    entry.click()
    expect(Sidebar(jupyter).panel).to_be_visible()
