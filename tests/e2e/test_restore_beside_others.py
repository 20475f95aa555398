"""Where others keep outputs already, nothing is restored, and no output is there twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import quiet_server
from tests.e2e.restoring import Notebook, gated, notebook
from tests.waiting import wait_until

COLLABORATION = {
    "server": ["jupyter_server_fileid", "jupyter_server_ydoc"],
    "page": ["@jupyter/collaboration-extension", "@jupyter/docprovider-extension"],
}
NBMODEL = {
    "server": ["jupyter_server_fileid", "jupyter_server_nbmodel"],
    "page": ["@datalayer/jupyter-server-nbmodel"],
}
COUNT = "for n in range(20):\n    print(n, flush=True)"
COUNTED = "".join(f"{n}\n" for n in range(20))


def configuration(folder: Path, wanted: dict[str, list[str]]) -> dict[str, str]:
    """Write a configuration that turns these on, and the other off."""
    every = [COLLABORATION, NBMODEL]
    servers = {name: name in wanted["server"] for each in every for name in each["server"]}
    pages = {name: name not in wanted["page"] for each in every for name in each["page"]}
    (folder / "labconfig").mkdir(parents=True)
    (folder / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"jpserver_extensions": servers}})
    )
    (folder / "labconfig" / "page_config.json").write_text(
        json.dumps({"disabledExtensions": pages})
    )
    return {"JUPYTER_CONFIG_PATH": str(folder)}


def restores_nothing(one: Notebook) -> None:
    """Its page has no command for it, as this would bring what is there already."""
    is_enabled = "jupyterapp.commands.isEnabled('session-export:restore-outputs')"
    assert one.page.evaluate(is_enabled) is False
    expect(one.toast("Restore")).to_have_count(0)


@pytest.mark.soak
def test_collaboration(browser: Browser, tmp_path: Path) -> None:
    """A shared document has what came while no page was there, once."""
    gate = tmp_path / "gate"
    beside = configuration(tmp_path / "jupyter", COLLABORATION)
    with (
        quiet_server(tmp_path, "lab", environment=beside) as server,
        notebook(browser, server, "shared.ipynb") as one,
        notebook(browser, server, "shared.ipynb") as other,
    ):
        one.write([gated(gate, COUNT)])
        one.open().start()
        expect(one.prompt()).to_have_text("[*]:")
        other.open()
        gate.touch()
        expect(one.prompt()).to_have_text("[1]:")
        for each in (one, other):
            each.wait_for_text("19\n$")
            assert each.texts() == [COUNTED]
            restores_nothing(each)


@pytest.mark.soak
def test_nbmodel(browser: Browser, tmp_path: Path) -> None:
    """A cell that the server runs by itself shows its output once, also after a reload."""
    beside = configuration(tmp_path / "jupyter", NBMODEL)
    with (
        quiet_server(tmp_path, "lab", environment=beside) as server,
        notebook(browser, server, "served.ipynb") as one,
    ):
        one.write([COUNT])
        one.open().start()
        one.wait_for_text("19\n$")
        expect(one.prompt()).to_have_text("[1]:")
        assert one.texts() == [COUNTED]
        restores_nothing(one)
        one.save()
        wait_until(lambda: COUNTED.splitlines()[-1] in (server.root / one.name).read_text())
        one.go()
        assert one.texts() == [COUNTED]
        restores_nothing(one)
