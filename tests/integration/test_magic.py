"""`%session_export` in real kernels, whatever door their server has."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_session_export.archive.verify import verify
from tests.doors import Door
from tests.exporting import executions
from tests.kernel_socket import KernelSocket, Run
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

DOORS: dict[str, Callable[[Path], Door]] = {
    "password": lambda folder: Door(password="sesame"),  # noqa: S106
    "nothing": lambda folder: Door(),
    "socket": lambda folder: Door(
        password="sesame",  # noqa: S106
        sock=folder / "jupyter.sock",
    ),
    "TLS": lambda folder: Door.with_certificate(folder, token="abc"),  # noqa: S106
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with a token, that isn't at the root of its host."""
    folder = tmp_path_factory.mktemp("server")
    with running_server(folder, base_url="/user/ada lovelace/".replace(" ", "%20")) as server:
        yield server


@pytest.fixture(scope="module")
def kernel(server: RunningServer) -> Iterator[KernelSocket]:
    """A kernel of a notebook in a folder of its own."""
    (server.root / "work").mkdir()
    (server.root / "work" / "table.csv").write_text("a,b\n")
    with KernelSocket(server, server.start_kernel(path="work/a.ipynb")) as kernel:
        kernel.run("print('first')", cell_id="one")
        yield kernel


def zips(folder: Path) -> list[Path]:
    """Return the ZIPs in a folder, the newest last."""
    return sorted(folder.glob("*.zip"), key=lambda path: path.stat().st_mtime_ns)


def sources(path: Path) -> list[bytes]:
    """Return the code of a ZIP's executions, in order."""
    with zipfile.ZipFile(path) as archive:
        return [archive.read(f"{one['folder']}/source.py") for one in executions(archive)]


@pytest.mark.parametrize("door", DOORS)
def test_the_magic_gets_in_by_every_door(door: str, tmp_path: Path) -> None:
    """No token of Jupyter's is needed: the kernel's own key opens the server's routes."""
    with running_server(tmp_path, door=DOORS[door](tmp_path)) as server:
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("print('first')")
            run = kernel.run("%session_export")
        assert run.stream("stderr") == ""
        assert run.reply is not None
        assert run.reply["status"] == "ok"
        (path,) = zips(server.root)
        assert verify(path).ok
        assert sources(path) == [b"print('first')"]


def test_the_zip_lies_beside_the_notebook(server: RunningServer, kernel: KernelSocket) -> None:
    """Nothing needs to be loaded; a link and a summary are shown; the magic itself isn't in it."""
    run = kernel.run("%session_export")
    assert run.stream("stderr") == ""
    (path,) = zips(server.root / "work")
    assert verify(path).ok
    assert sources(path) == [b"print('first')"]
    assert f'href="{path.name}"' in run.shown()[-1]["data"]["text/html"]
    assert "1 execution" in run.shown()[-1]["data"]["text/plain"]
    assert not list(path.parent.glob(".session_export*"))


def test_the_magic_that_went_before_is_in_the_next_zip(
    server: RunningServer, kernel: KernelSocket
) -> None:
    """Only the one that asks is left out: another run of it is an execution like any."""
    kernel.run("%session_export before.zip")
    kernel.run("%session_export after.zip")
    assert sources(server.root / "work" / "after.zip")[-1] == b"%session_export before.zip"


def test_the_server_keeps_no_zip_that_was_fetched(
    server: RunningServer, kernel: KernelSocket
) -> None:
    """Its disk is free again soon, and the log doesn't say that the export was cancelled."""
    kernel.run("%session_export fetched.zip")
    # A thread removes it, and nobody waits for that.
    wait_until(lambda: not list(server.data_dir().glob("sessions/*/exports/*.staging")))
    kernel.run("%session_export log.zip")
    with zipfile.ZipFile(server.root / "work" / "log.zip") as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("audit_log.jsonl"))
        actions = [json.loads(line)["action"] for line in archive.read(name).splitlines()]
    assert actions[-3:] == ["export.begun", "export.downloaded", "export.discarded"]
    assert "export.cancelled" not in actions


def test_what_runs_with_the_magic_is_not_lost(server: RunningServer, kernel: KernelSocket) -> None:
    """What a cell did before its magic is in the next ZIP, as the cell had not ended."""
    kernel.run("print('together')\n%session_export together.zip")
    kernel.run("%session_export later.zip")
    with zipfile.ZipFile(server.root / "work" / "later.zip") as archive:
        last = executions(archive)[-1]
        assert archive.read(f"{last['folder']}/stdout.txt").startswith(b"together\n")


def test_options_shape_the_zip(server: RunningServer, kernel: KernelSocket) -> None:
    """One notebook, chosen sections, a given name, a quick compression."""
    with KernelSocket(server, server.start_kernel(path="other.ipynb")) as other:
        other.run("'of the other notebook'")
    run = kernel.run("%session_export one.zip --notebook --compression fast")
    assert run.stream("stderr") == ""
    assert b"'of the other notebook'" not in sources(server.root / "work" / "one.zip")
    kernel.run("%session_export all.zip")
    assert b"'of the other notebook'" in sources(server.root / "work" / "all.zip")
    kernel.run("%session_export some.zip --include logs,workspace")
    with zipfile.ZipFile(server.root / "work" / "some.zip") as archive:
        names = archive.namelist()
    assert not any(name.startswith(("executions/", "code/", "data/")) for name in names)
    assert "workspace/work/table.csv" in names or "workspace/table.csv" in names


@pytest.mark.usefixtures("kernel")
def test_a_renamed_notebook_is_found(server: RunningServer) -> None:
    """The kernel still has the old name; what counts is the notebook's present one."""
    with KernelSocket(server, server.start_kernel(path="work/old.ipynb")) as kernel:
        kernel.run("'before'")
        with server.client() as client:
            rows = client.get("api/sessions").json()
            (row,) = (row for row in rows if row["path"] == "work/old.ipynb")
            client.patch(f"api/sessions/{row['id']}", json={"path": "work/new.ipynb"})
        kernel.run("'after'")
        run = kernel.run("%session_export renamed.zip --notebook")
    assert run.stream("stderr") == ""
    assert sources(server.root / "work" / "renamed.zip") == [b"'before'", b"'after'"]


def test_nothing_is_overwritten(server: RunningServer, kernel: KernelSocket) -> None:
    """A name that is taken gets a number."""
    taken = server.root / "work" / "taken.zip"
    taken.write_bytes(b"mine")
    kernel.run("%session_export taken.zip")
    assert taken.read_bytes() == b"mine"
    assert verify(taken.with_name("taken_2.zip")).ok


def test_help_is_printed(kernel: KernelSocket) -> None:
    """`--help` names every option."""
    run = kernel.run("%session_export --help")
    for option in ("PATH", "--session", "--notebook", "--include", "--compression"):
        assert option in run.stream("stdout")
    assert not run.failed


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--everything", "INVALID_REQUEST"),
        ("--compression best", "INVALID_REQUEST"),
        ("--include soup", "INVALID_REQUEST"),
        ("'unclosed", "INVALID_REQUEST"),
        ("--session 00000000000000000000000000000000", "SESSION_NOT_FOUND"),
        ("missing/x.zip", "DESTINATION_UNWRITABLE"),
        ("/proc/x.zip", "DESTINATION_UNWRITABLE"),
        ("notes.txt", "DESTINATION_UNWRITABLE"),
    ],
)
def test_a_problem_is_one_line(kernel: KernelSocket, line: str, code: str) -> None:
    """What is wrong, what to do and the code; no traceback, and the cell doesn't fail."""
    assert_one_line(kernel.run(f"%session_export {line}"), code)


def test_a_dead_server_is_one_line(tmp_path: Path) -> None:
    """A kernel that outlives its server says that it is gone."""
    with running_server(tmp_path) as server:
        kernel_id = server.start_kernel()
        connection = json.loads(
            next(server.home.glob(f"runtime/kernel-{kernel_id}.json")).read_text()
        )
        with KernelSocket(server, kernel_id) as kernel:
            # The last thing that this kernel does: its server dies, then it asks it.
            kernel.submit(
                "import contextlib, io, os, signal, time\n"
                "out = io.StringIO()\n"
                "os.kill(os.getppid(), signal.SIGKILL)\n"
                "while os.path.exists(f'/proc/{os.getppid()}') and os.getppid() != 1:\n"
                "    pass\n"
                "with contextlib.redirect_stderr(out):\n"
                "    get_ipython().run_line_magic('session_export', '')\n"
                "open('said.part', 'w').write(out.getvalue())\n"
                "os.rename('said.part', 'said.txt')\n"
            )
            wait_until((server.root / "said.txt").exists)
    assert connection["transport"] == "tcp"
    said = (server.root / "said.txt").read_text()
    assert said.endswith("[SERVER_UNREACHABLE]\n")
    assert said.count("\n") == 1
    assert zips(server.root) == []


def assert_one_line(run: Run, code: str) -> None:
    assert run.stream("stderr").endswith(f"[{code}]\n")
    assert run.stream("stderr").count("\n") == 1
    assert run.stream("stdout") == ""
    assert not run.failed
    assert run.reply is not None
    assert run.reply["status"] == "ok"
