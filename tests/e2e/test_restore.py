"""Output that was never seen is brought back: as in a tab that stayed open, and going on live."""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.cable import Cable
from tests.e2e.conftest import quiet_server, screenshot
from tests.e2e.restoring import UNLIMITED, gated, notebook
from tests.servers import RunningServer

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
CORPUS = [
    "print('first')",
    "import sys, time\n"
    "for n in range(3):\n"
    "    print('out', n, flush=True)\n"
    "    print('err', n, file=sys.stderr, flush=True)\n",
    "for n in range(101):\n"
    "    print(f'\\r{n} % of it', end='', flush=n % 10 == 0)\n"
    "print('\\nnext', end='\\r', flush=True)\n"
    "print('o', end='\\b\\b')",
    "from IPython.display import HTML, Image, clear_output, display\n"
    "for n in range(5):\n"
    "    clear_output(wait=True)\n"
    "    print('step', n)\n"
    "    display(n)",
    "handle = display('begun', display_id=True)\nprint('between')\nhandle.update('half')",
    "handle.update('done')\nhandle.display('again')",
    "display(HTML('<b>bold</b> <i>text</i>'))\n'a result'",
    f"import base64\nImage(base64.b64decode({PNG!r}))",
    "raise ValueError('as it should')",
    "{'a': [1.0, 2.5e-7]}",
    "for n in range({many}):\n    display(n)",
    "x = 1",
    "print('last')",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A JupyterLab server that passes on whatever comes, however fast."""
    with quiet_server(tmp_path_factory.mktemp("restore"), "lab", UNLIMITED) as server:
        yield server


@pytest.mark.parametrize("many", [500, pytest.param(10_000, marks=pytest.mark.soak)])
def test_corpus(profile: BrowserContext, server: RunningServer, tmp_path: Path, many: int) -> None:
    """Close, reopen, restore: the notebook equals one whose tab stayed open, also once saved."""
    gate = tmp_path / "gate"
    sources = [source.replace("{many}", str(many)) for source in CORPUS]
    sources[0] = gated(gate, sources[0])
    with (
        notebook(profile, server, f"stayed{many}.ipynb") as stayed,
        notebook(profile, server, f"closed{many}.ipynb") as closed,
    ):
        for one in (stayed, closed):
            one.write(sources)
            one.open().start()
        closed.close()
        gate.touch()
        for one in (stayed, closed):
            one.wait_for_end()
        stayed.jupyter.wait_for_kernel()
        expect(stayed.toast("Restore")).to_have_count(0)
        closed.open()
        toast = closed.toast("recorded")
        expect(toast).to_be_visible()
        screenshot(closed.page, "restore_offer")
        closed.restore()
        shown = stayed.cells()
        assert closed.cells() == shown

        closed.save()
        closed.close()
        closed.open()
        closed.restore_nothing()
        assert closed.cells() == shown


SHOWS_ANOTHER = """([place, text]) => {
  const shown = jupyterapp.shell.currentWidget.model.sharedModel.getCell(place).getOutputs();
  return shown.length === 1 && shown[0].text !== text;
}"""


def counting(gate: Path, show: str = "print(n, flush=True)") -> str:
    """Return code that shows one number after the other until there is a file."""
    return (
        "import os, time\n"
        "n = 0\n"
        f"while not os.path.exists({str(gate)!r}):\n"
        f"    {show}\n"
        "    n += 1\n"
        "    time.sleep(0.004)\n"
    )


def is_sequence(text: str) -> bool:
    numbers = text.split()
    return numbers == [str(n) for n in range(len(numbers))]


def seam(profile: BrowserContext, server: RunningServer, tmp_path: Path, seed: int) -> None:
    gate = tmp_path / "gate"
    with notebook(profile, server, f"seam{seed}.ipynb") as one:
        one.write([counting(gate)])
        one.open().start()
        one.wait_for_text(r"5\n")
        # A pause of any length is what this is about.
        time.sleep(random.Random(seed).random())  # noqa: S311
        one.close()
        one.open()
        one.restore()
        shown = one.texts()[0]
        assert is_sequence(shown), shown[-300:]
        one.wait_for_text(rf"\n{len(shown.split()) + 50}\n")
        assert is_sequence(one.texts()[0])
        expect(one.prompt()).to_have_text("[*]:")
        gate.touch()
        expect(one.prompt()).to_have_text("[1]:")
        text = one.texts()[0]
        assert is_sequence(text)
        assert one.put_out()[0]["text"] == text


@pytest.mark.parametrize("seed", range(3))
def test_seam(profile: BrowserContext, server: RunningServer, tmp_path: Path, seed: int) -> None:
    """A cell whose tab was closed goes on live: no number is missing, none is there twice."""
    seam(profile, server, tmp_path, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3, 23))
def test_seam_often(
    profile: BrowserContext, server: RunningServer, tmp_path: Path, seed: int
) -> None:
    """At whatever moment the tab was closed."""
    seam(profile, server, tmp_path, seed)


def test_seam_in_a_line(profile: BrowserContext, server: RunningServer, tmp_path: Path) -> None:
    """A progress bar stays one line over reloads, `clear_output(wait=True)` goes on clearing."""
    bar, last = tmp_path / "bar", tmp_path / "last"
    show = "print(f'\\r{n} %', end='', flush=True)"
    clear = "clear_output(wait=True)\n    print('step', n)"
    with notebook(profile, server, "line.ipynb") as one:
        one.write(
            [
                counting(bar, show) + "print('\\ndone', n)",
                "from IPython.display import clear_output\n" + counting(last, clear),
            ]
        )
        one.open().start()
        one.wait_for_text(r"^\d+ %$")
        one.go()
        one.restore()
        reached = int(one.texts()[0].split()[0])
        one.wait_for_text(r"^\d{3,} %$")
        assert re.fullmatch(r"\d+ %", one.texts()[0])
        assert int(one.texts()[0].split()[0]) > reached
        bar.touch()
        expect(one.prompt(0)).to_have_text("[1]:")
        assert re.fullmatch(r"(\d+) %\ndone \d+\n", one.texts()[0])

        # It waited for its kernel when the page joined it, and runs by now.
        one.wait_for_text(r"^step \d+\n$", cell=1)
        one.go()
        one.restore()
        # It may have been cleared at this moment, but has never two lines.
        one.wait_for_text(r"^step \d+\n$", cell=1)
        one.page.wait_for_function(SHOWS_ANOTHER, arg=[1, one.texts()[1]])
        expect(one.prompt(1)).to_have_text("[*]:")
        last.touch()
        expect(one.prompt(1)).to_have_text("[2]:")
        assert re.fullmatch(r"step \d+\n", one.texts()[1])
        for cell in (0, 1):
            assert one.cells()[cell]["outputs"] == one.put_out(cell)


def test_reload_and_interrupt(
    profile: BrowserContext, server: RunningServer, tmp_path: Path
) -> None:
    """A reloaded page shows what runs and what waits; interrupting ends both."""
    with notebook(profile, server, "reloaded.ipynb") as one:
        one.write([counting(tmp_path / "never"), "print('waits')"])
        one.open().start()
        one.wait_for_text(r"5\n")
        one.go()
        expect(one.toast("still running")).to_be_visible()
        one.restore()
        for cell in (0, 1):
            expect(one.prompt(cell)).to_have_text("[*]:")
        screenshot(one.page, "restore_running")
        one.jupyter.command("notebook:interrupt-kernel")
        expect(one.prompt(0)).to_have_text("[1]:")
        expect(one.prompt(1)).to_have_text("[ ]:")
        first, second = one.cells()
        assert [output["output_type"] for output in first["outputs"]] == ["stream", "error"]
        assert first["outputs"][1]["ename"] == "KeyboardInterrupt"
        assert (second["outputs"], second["running"]) == ([], False)


def test_question(profile: BrowserContext, server: RunningServer) -> None:
    """What `input()` has asked in a page that was reloaded can be answered in the new one."""
    with notebook(profile, server, "question.ipynb") as one:
        one.write(["name = input('who? ')\nprint('hello', name)"])
        one.open().start()
        one.page.locator(".jp-Stdin-input").wait_for()
        one.go()
        one.restore()
        screenshot(one.page, "restore_question")
        one.toast("who?").get_by_role("button", name="Answer…").click()
        one.page.get_by_role("dialog").get_by_role("textbox").fill("you")
        one.page.get_by_role("dialog").get_by_role("button", name="Answer").click()
        expect(one.prompt()).to_have_text("[1]:")
        one.wait_for_text("hello you\n")
        expect(one.toast("who?")).to_have_count(0)


def test_offline(browser: Browser, server: RunningServer, tmp_path: Path) -> None:
    """What ran while the network was away comes back with it."""
    gate = tmp_path / "gate"
    with Cable(server.port) as cable, notebook(browser, server, "offline.ipynb") as one:
        count = "for n in range({}, {}):\n    print(n, flush=True)\n"
        one.write([count.format(0, 50) + gated(gate, count.format(50, 100) + "n")])
        one.open(f"http://127.0.0.1:{cable.port}/").start()
        one.jupyter.close_errors()
        one.wait_for_text(r"49\n$")
        kernel = one.jupyter.kernel_id()
        # Chromium's offline mode leaves open websockets alone.
        cable.unplug()
        one.page.context.set_offline(True)
        one.page.wait_for_function(
            "jupyterapp.shell.currentWidget.sessionContext.session.kernel.connectionStatus"
            " !== 'connected'"
        )
        # Another page on the same kernel: the server keeps nothing for the one that is away.
        with contextlib.closing(server.websocket(f"api/kernels/{kernel}/channels", timeout=60)):
            gate.touch()
            one.wait_for_end()
            cable.plug_in()
            one.page.context.set_offline(False)
            one.restore()
        (cell,) = one.cells()
        assert cell["outputs"][0]["text"].split() == [str(n) for n in range(100)]
        assert cell["outputs"] == one.put_out()
        assert (cell["execution_count"], cell["running"]) == (1, False)


def test_notebook7(profile: BrowserContext, notebook7: RunningServer, tmp_path: Path) -> None:
    """Notebook 7 restores as JupyterLab does."""
    gate = tmp_path / "gate"
    with notebook(profile, notebook7, "seven.ipynb") as one:
        one.write([gated(gate, "print('one')"), "2 * 21"])
        one.open().start()
        expect(one.prompt()).to_have_text("[*]:")
        one.close()
        gate.touch()
        one.wait_for_end()
        one.open()
        one.restore()
        assert [cell["outputs"] for cell in one.cells()] == [one.put_out(0), one.put_out(1)]
        expect(one.prompt(1)).to_have_text("[2]:")


def test_rate_limit(profile: BrowserContext, tmp_path: Path) -> None:
    """What the server's rate limit has cut is offered when the cell is done."""
    limit = "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=20000"
    source = "for n in range(400):\n    print(n, 'x' * 500, flush=True)"
    with (
        quiet_server(tmp_path, "lab", limit) as limited,
        notebook(profile, limited, "cut.ipynb") as one,
    ):
        one.write([source])
        one.open().start()
        one.restore()
        (cell,) = one.cells()
        (output,) = cell["outputs"]
        assert output["text"] == "".join(f"{n} {'x' * 500}\n" for n in range(400))


def test_by_hand(profile: BrowserContext, server: RunningServer, tmp_path: Path) -> None:
    """Another view, changed code, undoing by keyboard: a person's own edits stay."""
    gate = tmp_path / "gate"
    with notebook(profile, server, "hand.ipynb") as one:
        one.write(["print('one')", gated(gate, "print('two')"), "print('three')"])
        one.open().start()
        expect(one.prompt(1)).to_have_text("[*]:")
        one.close()
        gate.touch()
        one.wait_for_end()

        one.open()
        expect(one.toast("3 cells have run on")).to_be_visible()
        first = "jupyterapp.shell.currentWidget"
        one.page.evaluate(f"window.first = {first}")
        one.jupyter.command("docmanager:clone")
        one.page.wait_for_function(f"{first} !== window.first && {first}.content?.widgets.length")
        one.page.evaluate("window.first.close()")
        one.page.wait_for_function("window.first.isDisposed")
        one.set_source(2, "print(33)")
        one.restore()
        expect(one.toast("other code than ran")).to_be_visible()
        assert one.texts() == ["one\n", "two\n", ""]
        one.set_source(0, "print('one')  # mine")
        one.jupyter.by_keyboard("Undo Restoring Outputs")
        one.page.wait_for_function(
            "!jupyterapp.shell.currentWidget.model.sharedModel.getCell(0).getOutputs().length"
        )
        assert one.texts() == ["", "", ""]
        assert one.sources()[0] == "print('one')  # mine"
        assert one.sources()[2] == "print(33)"


def test_earlier_runs(profile: BrowserContext, server: RunningServer) -> None:
    """Earlier runs and deleted cells are looked at and brought back, also by keyboard alone."""
    with notebook(profile, server, "earlier.ipynb") as one:
        one.write(["print('one')", "print('two')", "print('three')"])
        one.open().start()
        one.wait_for_run(2, 3)
        one.set_source(2, "print(33)")
        one.start()
        one.wait_for_run(2, 6)
        one.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 2")
        one.page.locator(".jp-CodeCell").nth(2).click(button="right")
        one.page.get_by_role("menuitem", name="Earlier Runs…").click()
        dialog = one.page.get_by_role("dialog")
        lines = dialog.locator(".jp-SessionExport-runLine")
        expect(lines).to_have_count(2)
        lines.nth(1).click()
        expect(dialog.locator("[data-kind=before]")).to_have_text("− print('three')\n")
        expect(dialog.locator(".jp-OutputArea-output")).to_have_text("three")
        screenshot(one.page, "restore_earlier_light")
        one.jupyter.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
        one.page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
        screenshot(one.page, "restore_earlier_dark")
        dialog.get_by_role("button", name="Restore Outputs").click()
        expect(dialog).to_have_count(0)
        assert one.texts()[2] == "three\n"

        one.jupyter.command("notebook:delete-cell")
        one.page.set_viewport_size({"width": 500, "height": 800})
        one.jupyter.by_keyboard("Deleted Cells…")
        expect(lines).to_have_count(1)
        one.jupyter.tab_to(lines)
        screenshot(one.page, "restore_deleted_narrow")
        one.jupyter.tab_to(dialog.get_by_role("button", name="Earlier Runs…"))
        one.page.keyboard.press("Enter")
        expect(lines).to_have_count(2)
        one.jupyter.tab_to(lines.first)
        one.page.keyboard.press("ArrowDown")
        expect(dialog.locator(".jp-OutputArea-output")).to_have_text("three")
        one.page.keyboard.press("ArrowUp")
        expect(dialog.locator(".jp-OutputArea-output")).to_have_text("33")
        one.jupyter.tab_to(dialog.get_by_role("button", name="Insert as New Cell"))
        one.page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        assert one.texts() == ["one\n", "two\n", "33\n"]
