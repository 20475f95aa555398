"""Kernels without a Jupyter server record themselves; those that a server records don't."""

from __future__ import annotations

import os
import signal
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_session_export.workspaces.listing import bytes_below
from tests.exporting import recorded_in
from tests.kernel_socket import KernelSocket
from tests.lone_kernels import Home
from tests.servers import RunningServer
from tests.waiting import wait_until

FORKS = """
import multiprocessing, os
def work():
    print("from a worker", flush=True)
worker = multiprocessing.get_context("fork").Process(target=work)
worker.start()
worker.join()
child = os.fork()
if child == 0:
    import gc, sqlite3
    import jupyter_session_export.kernel.own as own
    sqlite3.connect(":memory:").execute("SELECT 1")
    own._own = None  # as the end of an interpreter does
    gc.collect()
    print("from a child", flush=True)
    os._exit(0)
print("child", os.waitpid(child, 0)[1])
"""
COUNTS = """
import time
print("begun", flush=True)
for count in range(10_000):
    print(count, time.time(), flush=True)
    time.sleep(0.01)
"""
EXITS = """
import os, time
while not os.path.exists("exit"):
    time.sleep(0.05)
os._exit(3)
"""
NESTED = """
import nbformat
from nbclient import NotebookClient
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('nested')")])
NotebookClient(notebook).execute()
print("done")
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_an_nbclient_run_is_recorded_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell, also the failing one and what it keeps from running, in an ended session."""
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    cells = [nbformat.v4.new_code_cell(code) for code in ("print('one')", "6 * 7", "1 / 0")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": str(home.work)}}
    )
    client.execute()
    (session,) = home.sessions()
    assert session["kernel"]
    assert session["ended_at"]
    assert session["root"] == str(home.work)
    one, answer, error = home.exported()
    assert (one["source"], one["stdout"], one["status"]) == ("print('one')", "one\n", "ok")
    assert answer["outputs"][0]["type"] == "execute_result"
    assert error["error"]["name"] == "ZeroDivisionError"


def test_the_magics_need_no_server(home: Home) -> None:
    """Export, pause, purge, own files and readings work in a kernel by itself."""
    with home.kernel() as kernel:
        kernel.run("secret = 'taken back'; print(secret)")
        assert "purged" in kernel.run("%session_recording purge --all").text
        assert "paused" in kernel.run("%session_recording pause").text
        kernel.run("print('unseen')")
        assert "is on" in kernel.run("%session_recording on").text
        kernel.run("from jupyter_session_export import *; log_reading('t', 21.5)")
        kernel.run("session_files.save('note.txt', 'kept')")
        ran = kernel.run("print(export_session('own.zip'))")
        assert ran.text.strip() == str(home.work / "own.zip")
        kernel.run("%session_export own.zip")
    with zipfile.ZipFile(home.work / "own_2.zip") as archive:
        assert archive.read("outputs/single/note.txt") == b"kept"
        assert b"21.5" in archive.read("data/sensor_data/sensor_readings.json")
        everything = b"".join(archive.read(name) for name in archive.namelist())
        sources = [one["source"] for one in recorded_in(archive)]
    assert b"unseen" not in everything
    assert b"taken back" not in everything
    assert "session_files.save('note.txt', 'kept')" in sources


def test_a_killed_kernel_loses_a_second_at_most(home: Home) -> None:
    """What lies in its spool is recovered by the next export, as lost with its kernel."""
    kernel = home.kernel()
    kernel.run("print('before')")
    kernel.begin(COUNTS, until="150 ")
    os.kill(kernel.pid, signal.SIGKILL)
    wait_until(lambda: not kernel.manager.is_alive())
    kernel.__exit__(None, None, None)
    before, counts = home.exported()
    assert (before["status"], before["stdout"]) == ("ok", "before\n")
    assert (counts["status"], counts["cause"], counts["recovered"]) == ("lost", "kernel died", True)
    seen = [line.split()[0] for line in counts["stdout"].splitlines()[1:]]
    assert seen == [str(count) for count in range(len(seen))]
    assert len(seen) > 50


def test_what_ends_without_farewell_is_recovered(home: Home) -> None:
    """`os._exit` runs no handler; the session goes on if the kernel is started again."""
    with home.kernel() as kernel:
        kernel.run("print('kept')")
        kernel.client.execute(EXITS)
        wait_until(lambda: home.spooled("os._exit"))
        (home.work / "exit").touch()
        wait_until(lambda: not kernel.manager.is_alive())
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=60)
        kernel.run("print('again')")
    (session,) = home.sessions()
    assert session["ended_at"]
    ran = home.exported()
    assert [each["status"] for each in ran] == ["ok", "lost", "ok"]
    assert ran[2]["stdout"] == "again\n"


def test_a_restart_goes_on_in_the_same_session(home: Home) -> None:
    """A kernel belongs to the session that it started in, for life."""
    with home.kernel() as kernel:
        kernel.run("print('first')")
        kernel.restart()
        kernel.run("print('second')")
    (session,) = home.sessions()
    assert session["ended_at"]
    assert [each["stdout"] for each in home.exported()] == ["first\n", "second\n"]


def test_forked_processes_leave_the_record_alone(home: Home) -> None:
    """What workers print is the cell's; a child writes nothing and gives nothing away."""
    with home.kernel() as kernel:
        ran = kernel.run(FORKS)
        assert ran.status == "ok"
        assert "child 0" in ran.text
        kernel.run("print('after')")
        assert home.sessions()[0]["state"] == "live"
    (session,) = home.sessions()
    assert session["state"] == "ended"
    forks, after = home.exported()
    assert "child 0" in forks["stdout"]
    assert after["stdout"] == "after\n"


def test_kernels_at_once_have_sessions_of_their_own(home: Home) -> None:
    """Nobody waits for another's lease."""

    with home.kernel() as ada, home.kernel() as bob:
        ada.client.execute("print('ada')")
        bob.client.execute("print('bob')")
        for kernel in (ada, bob):
            kernel.run("'done'")
    assert [session["state"] for session in home.sessions()] == ["ended", "ended"]
    printed = [home.exported(number)[0]["stdout"] for number in (1, 2)]
    assert sorted(printed) == ["ada\n", "bob\n"]


def test_a_data_folder_that_cant_be_written_costs_one_warning(home: Home) -> None:
    """It goes to the kernel's own log, never into a cell."""
    home.data_dir.write_text("in the way")
    with home.kernel() as kernel:
        assert kernel.run("print('goes on')").text == "goes on\n"
        assert kernel.run("1").text == ""
        assert "STORE_UNAVAILABLE" in kernel.run("%session_export").text
    assert home.log.read_text().count("not recorded") == 1


@pytest.mark.parametrize(
    "environment", [{"JPY_SESSION_EXPORT_RECORD": "0"}, {"KERNEL_GATEWAY": "1"}]
)
def test_nothing_is_recorded_where_that_is_said(home: Home, environment: dict[str, str]) -> None:
    """By a variable; and behind a gateway, since the notebook server records there."""
    with home.kernel(**environment) as kernel:
        assert kernel.run("print('unseen')").status == "ok"
    assert not home.data_dir.exists()


def test_the_settings_turn_it_off(home: Home) -> None:
    """`SessionExport.record = False` in the file that kernels read."""
    config = Path(home.environment["JUPYTER_CONFIG_DIR"]) / "jupyter_session_export_config.py"
    config.write_text("c.SessionExport.record = False\n")
    with home.kernel() as kernel:
        assert kernel.run("print('unseen')").status == "ok"
        assert "record is False" in kernel.run("%session_export").text
    assert not home.data_dir.exists()


def test_the_settings_bound_what_it_keeps(home: Home) -> None:
    """The output of one execution, and all that one kernel writes."""
    config = Path(home.environment["JUPYTER_CONFIG_DIR"]) / "jupyter_session_export_config.py"
    config.write_text("c.SessionExport.max_execution_output_bytes = 65536\n")
    with home.kernel() as kernel:
        kernel.run("print('x' * 200_000)")
    (cut,) = home.exported()
    assert cut["truncated"]
    assert len(cut["stdout"]) < 80_000
    config.write_text("c.SessionExport.max_store_bytes = 1_000_000\n")
    with home.kernel() as kernel:
        kernel.run("import os; print(os.urandom(5_000_000).hex())")
    assert bytes_below(home.data_dir / "sessions").bytes < 2_000_000


def test_an_unrecorded_notebook_isnt_by_its_kernel_either(home: Home) -> None:
    """Patterns of the settings are about paths below the kernel's folder there."""
    config = Path(home.environment["JUPYTER_CONFIG_DIR"]) / "jupyter_session_export_config.py"
    config.write_text("c.SessionExport.unrecorded_notebooks = ['private/*']\n")
    notebook = str(home.work / "private" / "notes.ipynb")
    with home.kernel(JPY_SESSION_NAME=notebook) as kernel:
        kernel.run("print('unseen')")
    assert home.exported() == []


def test_a_guests_session_goes_with_its_kernel(home: Home) -> None:
    """As on a server."""
    config = Path(home.environment["JUPYTER_CONFIG_DIR"]) / "jupyter_session_export_config.py"
    config.write_text("c.SessionExport.guest = True\n")
    with home.kernel() as kernel:
        kernel.run("1")
        (session,) = home.sessions()
        assert session["guest"]
    assert home.sessions() == []


def test_a_server_records_its_kernels_and_not_what_they_start(server: RunningServer) -> None:
    """Once, never twice: what nbclient starts in a recorded kernel records itself."""
    kernel_id = server.start_kernel()
    with KernelSocket(server, kernel_id) as kernel:
        assert kernel.run(NESTED).stream("stdout") == "done\n"
    sessions = server.api("GET", "sessions").json()["sessions"]
    served, own = sorted(sessions, key=lambda session: int(session["number"]))
    assert served["counts"]["executions"] == own["counts"]["executions"] == 1
