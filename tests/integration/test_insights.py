"""Known workloads in real kernels: each is found for what it is, with figures that are right.

Each cell measures itself by means of its own; what is told may be off by a tenth.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jupyter_session_export.records.times import from_iso
from tests.exporting import executions, export
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer

MEASURED = """
import time
_wall, _cpu = time.perf_counter(), time.process_time()
{work}
print("MEASURED", time.perf_counter() - _wall, time.process_time() - _cpu)
"""
MB = 1_000_000


class Measured(NamedTuple):
    """Seconds of a cell: by the kernel's messages, by the cell's clock, of the processor."""

    span: float
    wall: float
    cpu: float


class Notebook:
    """A notebook with a kernel of its own, and what is told of it afterwards."""

    def __init__(self, server: RunningServer, path: str, kernel: KernelSocket) -> None:
        self._server = server
        self._kernel = kernel
        self._cells = 0
        self.path = path

    def run(self, code: str, cell: str | None = None) -> None:
        self._cells += 1
        run = self._kernel.run(code, cell_id=cell or f"cell-{self._cells}")
        assert not run.failed, run.messages

    def measured(self, work: str, cell: str | None = None) -> Measured:
        """Run code that measures itself; return that."""
        self._cells += 1
        code = MEASURED.format(work=work)
        run = self._kernel.run(code, cell_id=cell or f"cell-{self._cells}")
        assert not run.failed, run.messages
        wall, cpu = run.stream("stdout").rpartition("MEASURED")[2].split()
        states = [m["header"]["date"] for m in run.messages if m["msg_type"] == "status"]
        span = from_iso(states[-1]) - from_iso(states[0])
        return Measured(span.total_seconds(), float(wall), float(cpu))

    def exported(self) -> zipfile.ZipFile:
        return export(self._server, scope="notebook", path=self.path)

    def found(self) -> dict[str, dict[str, Any]]:
        """Return what is told of this notebook alone, by code; each kind comes once."""
        with self.exported() as archive:
            document = json.loads(archive.read("data/session_metadata.json"))
        codes = [finding["code"] for finding in document["insights"]]
        assert len(codes) == len(set(codes)), document["insights"]
        return {finding["code"]: finding for finding in document["insights"]}


@pytest.fixture
def notebook(server: RunningServer, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    with opened(server, f"{request.node.name}.ipynb") as notebook:
        yield notebook


@contextmanager
def opened(server: RunningServer, path: str) -> Iterator[Notebook]:
    kernel_id = server.start_kernel(path=path)
    with KernelSocket(server, kernel_id) as kernel:
        yield Notebook(server, path, kernel)
    with server.client() as client:
        client.delete(f"api/kernels/{kernel_id}").raise_for_status()


def about(seconds: float) -> Any:
    return pytest.approx(seconds, rel=0.1)


def test_sleeping_is_waiting(notebook: Notebook) -> None:
    """What is no computing, by the kernel's own clocks."""
    span, _, cpu = notebook.measured("time.sleep(2.5)")
    found = notebook.found()
    assert list(found) == ["WAITING"]
    assert found["WAITING"]["figures"]["waiting_seconds"] == about(span - cpu)
    assert found["WAITING"]["saving_seconds"] == about(span - cpu)


def test_a_loop_keeps_one_core_busy(notebook: Notebook) -> None:
    """Where it gets one: on a machine that is shared with others it may not."""
    span, _, cpu = notebook.measured("while time.process_time() < _cpu + 3.2: pass")
    found = notebook.found()
    gets_one = 0.9 <= cpu / span <= 1.1
    assert ("ONE_CORE" in found) == gets_one or 0.89 <= cpu / span <= 0.91
    with notebook.exported() as archive:
        (one,) = executions(archive)
    assert one["resources"]["cpu_ms"] == about(cpu * 1000)
    assert one["timing_ms"]["executing"] == about(span * 1000)


def test_memory_that_is_kept_for_nothing(notebook: Notebook) -> None:
    """Of 500 MB, to the end."""
    notebook.run("small = 1")
    notebook.run("block = b'x' * 500_000_000")
    for code in ("a = 2", "b = a + 1"):
        notebook.run(code)
    found = notebook.found()
    assert list(found) == ["MEMORY_KEPT"]
    assert found["MEMORY_KEPT"]["figures"]["kept_bytes"] == about(500 * MB)
    notebook.run("len(block)")
    assert notebook.found() == {}


def test_a_hundred_imports(notebook: Notebook, tmp_path: Path) -> None:
    """Cold ones only: the second time there is nothing to time."""
    for number in range(100):
        (tmp_path / f"module_{number}.py").write_text("import time\ntime.sleep(0.025)\n")
    modules = ", ".join(f"module_{number}" for number in range(100))
    notebook.run(f"import sys; sys.path.insert(0, {str(tmp_path)!r})")
    wall = notebook.measured(f"import {modules}").wall
    notebook.run(f"import {modules}")
    with notebook.exported() as archive:
        _, cold, warm = executions(archive)
    assert cold["timing_ms"]["importing"] == about(wall * 1000)
    assert warm["timing_ms"]["importing"] == 0.0
    found = notebook.found()
    assert found["SLOW_IMPORTS"]["figures"]["importing_seconds"] == about(wall)


def test_fifty_megabytes_of_prints(notebook: Notebook) -> None:
    """Counted to the byte, with the time that it takes to send them."""
    notebook.run("for n in range(500): print('x' * 99_999)")
    found = notebook.found()
    assert list(found) == ["OUTPUT_FLOOD"]
    assert found["OUTPUT_FLOOD"]["figures"]["output_bytes"] == 50 * MB
    assert found["OUTPUT_FLOOD"]["figures"]["output_seconds"] > 0


def test_running_a_cell_again_and_again(notebook: Notebook) -> None:
    """The repeats are what could be saved; with another parameter they are none."""
    spans = [notebook.measured("time.sleep(0.8)", "again").span for _ in range(4)]
    found = notebook.found()
    assert found["REPEATED"]["figures"]["runs"] == 4
    assert found["REPEATED"]["saving_seconds"] == about(sum(spans[1:]))


def test_a_parameter_that_changes_makes_no_repeat(notebook: Notebook) -> None:
    """Each run does something else."""
    for number in range(4):
        notebook.run(f"seconds = 0.8 + {number} / 100", "parameter")
        notebook.measured("time.sleep(seconds)", "again")
    assert "REPEATED" not in notebook.found()


def test_installing_packages_in_cells(notebook: Notebook, tmp_path: Path) -> None:
    """A wheel of the test's own, from disk and to a folder of its own."""
    wheel = tiny_wheel(tmp_path)
    for number in range(3):
        target = tmp_path / f"site-{number}"
        notebook.run(f"%pip install --quiet --no-index --target {target} {wheel}")
        assert (target / "tiny.py").exists()
    found = notebook.found()
    with notebook.exported() as archive:
        total = sum(each["timing_ms"]["executing"] for each in executions(archive)) / 1000
    assert found["INSTALLS_IN_CELLS"]["figures"]["runs"] == 3
    assert found["INSTALLS_IN_CELLS"]["saving_seconds"] == about(total)


def test_a_result_of_code_that_is_gone(notebook: Notebook, server: RunningServer) -> None:
    """And one of a cell that stands below, as the notebook on disk says."""
    notebook.run("x = 1", "c1")
    notebook.run("y = x + 1", "c2")
    notebook.run("x = 2", "c1")
    notebook.run("z = 3", "c4")
    notebook.run("print(z)", "c3")
    cells = [
        {"cell_type": "code", "id": f"c{n}", "source": "", "metadata": {}, "outputs": []}
        for n in (1, 2, 3, 4)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (server.root / notebook.path).write_text(json.dumps(document))
    found = notebook.found()
    assert found.keys() == {"HIDDEN_STATE", "OUT_OF_ORDER"}
    assert found["HIDDEN_STATE"]["executions"][0] < found["OUT_OF_ORDER"]["executions"][0]
    assert found["OUT_OF_ORDER"]["figures"]["names"] == "z"


def test_a_cell_that_forks_is_measured_once(notebook: Notebook) -> None:
    """What the child did is part of it, when it was waited for; the kernel goes on."""
    notebook.run(
        "import os, time\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    while time.process_time() < 0.4: pass\n"
        "    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0"
    )
    notebook.run("pass")
    with notebook.exported() as archive:
        forked, after = executions(archive)
    assert forked["resources"]["cpu_ms"] >= 300
    assert forked["timing_ms"]["executing"] >= 300
    assert after["resources"]["cpu_ms"] < 300


def test_of_clean_work_nothing_is_told(notebook: Notebook) -> None:
    """Quick cells that use what was made above them."""
    for code in (
        "import json, math",
        "numbers = list(range(100_000))",
        "roots = [math.sqrt(n) for n in numbers]",
        "def total(values):\n    return sum(values)",
        "print(total(roots))",
        "json.dumps(roots[:10])",
    ):
        notebook.run(code)
    assert notebook.found() == {}
    with notebook.exported() as archive:
        for each in executions(archive):
            timing = each["timing_ms"]
            assert timing.keys() >= {"queued", "executing", "importing", "gc", "total"}
            assert timing["executing"] <= timing["total"] + 1000
        summary = archive.read("SESSION_SUMMARY.txt").decode()
    assert "Timing\n" in summary
    assert "Insights" not in summary


def tiny_wheel(folder: Path) -> Path:
    path = folder / "tiny-1.0-py3-none-any.whl"
    info = "tiny-1.0.dist-info"
    files: dict[str, str] = {
        "tiny.py": "x = 1\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},," for name in [*files, f"{info}/RECORD"]]
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": "\n".join(record)}.items():
            wheel.writestr(name, text)
    return path
