"""Output that was never seen is brought back: as in a tab that stayed open, and going on live."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

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
def test_corpus(browser: Browser, server: RunningServer, tmp_path: Path, many: int) -> None:
    """Close, reopen, restore: the notebook equals the one whose tab stayed open."""
    gate = tmp_path / "gate"
    sources = [source.replace("{many}", str(many)) for source in CORPUS]
    sources[0] = gated(gate, sources[0])
    with (
        notebook(browser, server, f"stayed{many}.ipynb") as stayed,
        notebook(browser, server, f"closed{many}.ipynb") as closed,
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
        assert closed.cells() == stayed.cells()


def counting(gate: Path) -> str:
    """Return code that prints numbers until there is a file."""
    return (
        "import os, time\n"
        "n = 0\n"
        f"while not os.path.exists({str(gate)!r}):\n"
        "    print(n, flush=True)\n"
        "    n += 1\n"
        "    time.sleep(0.004)\n"
    )


def is_sequence(text: str) -> bool:
    numbers = text.split()
    return numbers == [str(n) for n in range(len(numbers))]


def seam(browser: Browser, server: RunningServer, tmp_path: Path, seed: int) -> None:
    gate = tmp_path / "gate"
    with notebook(browser, server, f"seam{seed}.ipynb") as one:
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
        (run,) = one.runs()
        answer = server.api(
            "GET", f"sessions/{run['session_id']}/executions/{run['number']}/outputs"
        )
        assert answer.json()["outputs"][0]["text"] == text


@pytest.mark.parametrize("seed", range(3))
def test_seam(browser: Browser, server: RunningServer, tmp_path: Path, seed: int) -> None:
    """A cell whose tab was closed goes on live: no number is missing, none is there twice."""
    seam(browser, server, tmp_path, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3, 23))
def test_seam_often(browser: Browser, server: RunningServer, tmp_path: Path, seed: int) -> None:
    """At whatever moment the tab was closed."""
    seam(browser, server, tmp_path, seed)


def test_reload_and_interrupt(browser: Browser, server: RunningServer, tmp_path: Path) -> None:
    """A reloaded page shows what runs and what waits; interrupting ends both."""
    with notebook(browser, server, "reloaded.ipynb") as one:
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


def test_offline(browser: Browser, server: RunningServer, tmp_path: Path) -> None:
    """What ran while the network was away comes back with it."""
    gate = tmp_path / "gate"
    with Cable(server.port) as cable, notebook(browser, server, "offline.ipynb") as one:
        one.write([gated(gate, "for n in range(100):\n    print(n, flush=True)\nn")])
        one.open(f"http://127.0.0.1:{cable.port}/").start()
        one.jupyter.close_errors()
        expect(one.prompt()).to_have_text("[*]:")
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
        assert (cell["execution_count"], cell["running"]) == (1, False)


def test_rate_limit(browser: Browser, tmp_path: Path) -> None:
    """What the server's rate limit has cut is offered when the cell is done."""
    limit = "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=20000"
    source = "for n in range(400):\n    print(n, 'x' * 500, flush=True)"
    with (
        quiet_server(tmp_path, "lab", limit) as limited,
        notebook(browser, limited, "cut.ipynb") as one,
    ):
        one.write([source])
        one.open().start()
        one.restore()
        (cell,) = one.cells()
        (output,) = cell["outputs"]
        assert output["text"] == "".join(f"{n} {'x' * 500}\n" for n in range(400))


def test_by_hand(browser: Browser, server: RunningServer, tmp_path: Path) -> None:
    """Undo, changed code, declined offers, earlier runs and deleted cells."""
    gate = tmp_path / "gate"
    with notebook(browser, server, "hand.ipynb") as one:
        one.write(["print('one')", gated(gate, "print('two')"), "print('three')"])
        one.open().start()
        expect(one.prompt(1)).to_have_text("[*]:")
        one.close()
        gate.touch()
        one.wait_for_end()

        one.open()
        one.page.evaluate(
            "jupyterapp.shell.currentWidget.model.sharedModel.getCell(2).setSource('print(33)')"
        )
        one.restore()
        expect(one.toast("other code than ran")).to_be_visible()
        assert one.texts() == ["one\n", "two\n", ""]
        one.page.get_by_role("button", name="Undo").click()
        one.page.wait_for_function(
            "!jupyterapp.shell.currentWidget.model.sharedModel.getCell(0).getOutputs().length"
        )
        assert one.texts() == ["", "", ""]

        one.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 2")
        one.jupyter.run_all()
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
        one.page.evaluate("void jupyterapp.commands.execute('session-export:deleted-cells')")
        expect(lines).to_have_count(1)
        screenshot(one.page, "restore_deleted_dark")
        dialog.get_by_role("button", name="Insert as New Cell").click()
        expect(dialog).to_have_count(0)
        assert one.texts() == ["one\n", "two\n", "33\n"]
