"""Binder's own steps, in its order, in an environment with nothing in it."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from jupyter_session_export.archive.verify import verify
from tests.building import ROOT, Build, Environment, clean, path_with_node, run
from tests.exporting import export, recorded_in
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server

DEMO = "binder/demo.ipynb"


def pip_part() -> list[str]:
    """Return what environment.yml has pip install."""
    parsed = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text())
    (part,) = (each["pip"] for each in parsed["dependencies"] if isinstance(each, dict))
    return list(part)


def run_demo(server: RunningServer) -> list[Any]:
    """Run all cells of the demo; return those that are code."""
    notebook = nbformat.read(server.root / DEMO, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    with KernelSocket(server, server.start_kernel(path=DEMO)) as kernel:
        for cell in cells:
            ran = kernel.run(cell.source, cell_id=cell.id)
            assert ran.failed == ("raises-exception" in cell.metadata.get("tags", [])), cell.id
    return cells


@pytest.mark.timeout(900)
def test_binder(build: Build, tmp_path: Path) -> None:
    """Environment, postBuild, start: a guest is led to the demo, runs it and takes its ZIP."""
    clone = build.new_clone(tmp_path / "home" / "repository")
    environment = Environment.make(tmp_path / "environment")
    environment.install(*pip_part())
    path = os.pathsep.join([str(environment.program("")), path_with_node()])
    run("./binder/postBuild", cwd=clone, env={**clean(), "PATH": path})

    outside = {"PYTHONPATH": "", "JUPYTER_CONFIG_PATH": "", "PATH": path}
    options: dict[str, Any] = {"python": environment.python, "environment": outside}
    with running_server(tmp_path, root=clone, app="lab", **options) as server:
        with server.client(follow_redirects=True) as client:
            assert client.get("").url.path == f"/lab/tree/{DEMO}"
        session = server.api("GET", "session").json()
        assert session["guest"]
        assert session["owner"] == f"guest_{session['id']}"
        cells = run_demo(server)
        archive = export(server)
        ran = [(one["cell_id"], one["source"]) for one in recorded_in(archive)]
        assert ran == [(cell.id, cell.source) for cell in cells]
        assert _is_whole(archive, tmp_path / "demo.zip")
        # The demo's own cell left one, too, beside the notebook.
        (own,) = (clone / "binder").glob("*.zip")
        assert verify(own).ok


def _is_whole(archive: Any, path: Path) -> bool:
    assert isinstance(archive.fp, io.BytesIO)
    path.write_bytes(archive.fp.getvalue())
    return verify(path).ok


def test_the_environment_is_the_demo_s() -> None:
    """What pip installs before postBuild is what the extra "demo" names."""
    lines = (ROOT / "pyproject.toml").read_text().partition("\ndemo = [\n")[2].partition("]")[0]
    assert pip_part() == [line.strip(' ",') for line in lines.splitlines()]
