"""Kernels that are started while somebody ends them or leaves: none is left, and no record."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_session_export.errors import KernelDied, SessionExportError
from jupyter_session_export.sessions.async_session import AsyncHost
from jupyter_session_export.sessions.session import Host, Session
from jupyter_session_export.store.catalog import Catalog
from tests.session_hosts import local_host
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def host(home: Path) -> Iterator[Host]:
    with local_host(home) as host:
        yield host


@pytest.fixture
def session(host: Host) -> Iterator[Session]:
    with host.create() as session:
        session.run("x = 'kept'")
        yield session


def kernels() -> list[int]:
    """Return the processes of kernels that this one has started."""
    return [each.pid for each in psutil.Process(os.getpid()).children() if _is_kernel(each)]


def _is_kernel(process: psutil.Process) -> bool:
    try:
        named = any("ipykernel_launcher" in each for each in process.cmdline())
        return named and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def restart_elsewhere(session: Session) -> None:
    """Restart the kernel as another client of its manager would."""
    machine = session._hosting.engine.backend.machine  # type: ignore[attr-defined]
    session._hosting.loop.run(machine.kernels.restart_kernel(session._live.link.kernel.id))


async def test_who_gives_up_a_beginning_leaves_nothing(host: Host, home: Path) -> None:
    """Neither a kernel nor a record, whenever that is."""
    catalog = Catalog(home / "data" / "session_export")
    before = len(catalog.sessions())
    coroutines = AsyncHost(host._hosting)
    for begun in (lambda: len(catalog.sessions()) > before, kernels):
        beginning = asyncio.create_task(coroutines.create())
        while not begun():
            await asyncio.sleep(0.002)
        beginning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await beginning
        await asyncio.to_thread(wait_until, lambda: len(catalog.sessions()) == before)
        assert kernels() == []
        assert host.list() == []


@pytest.mark.parametrize("what", ["restart", "resume"])
def test_a_close_waits_for_the_kernel_that_is_started(session: Session, what: str) -> None:
    """Otherwise nobody would end it."""
    if what == "resume":
        session.pause("suspend")
    told: list[Exception] = []

    def begin() -> None:
        try:
            getattr(session, what)()
        except SessionExportError as error:
            told.append(error)

    starting = threading.Thread(target=begin)
    starting.start()
    wait_until(lambda: session._live._pausing.exchanging)
    session.close()
    starting.join(60)
    wait_until(lambda: not kernels())
    assert session.status().status == "closed"


def test_a_kernel_that_somebody_else_restarts_is_dead(session: Session) -> None:
    """Its variables are gone: what runs then says so, and what comes next, until `restart`."""
    begun = threading.Event()
    results = []
    code = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.01)"
    run = lambda: results.append(session.run(code, on_stdout=lambda _: begun.set()))  # noqa: E731
    running = threading.Thread(target=run)
    running.start()
    assert begun.wait(60)
    restart_elsewhere(session)
    running.join(60)
    assert results[0].error.name == "KernelDied"
    assert "Somebody else" in results[0].error.value
    assert session.status().status == "dead"
    with pytest.raises(KernelDied, match="Somebody else"):
        session.run("x")
    session.restart()
    assert session.status().status == "idle"
    assert session.run("'x' in dir()").text == "False"


def test_a_frozen_kernel_that_somebody_else_restarts_is_dead(session: Session) -> None:
    """It isn't frozen any more, and ends with the session."""
    session.pause()
    restart_elsewhere(session)
    assert session.status().status == "dead"
    session.close()
    assert kernels() == []


def test_what_another_client_runs_is_not_ended(host: Host, tmp_path: Path) -> None:
    """The session is busy as long as its kernel is, and its time begins anew after that."""
    session = host.create(lifetime=1.0)
    client = session.kernel_client()
    client.wait_for_ready(timeout=60)
    done = tmp_path / "done"
    client.execute(f"import os, time\nwhile not os.path.exists({str(done)!r}): time.sleep(0.01)")
    wait_until(lambda: session.status().status == "busy")
    time.sleep(2.5)
    assert session.status().status == "busy"
    done.touch()
    wait_until(lambda: session.status().status == "closed")
    client.stop_channels()


LEFT = """
import sys, time
from jupyter_session_export.sessions.hosting import Hosting
from jupyter_session_export.sessions.local.backend import LocalBackend
from jupyter_session_export.sessions.session import Host
from jupyter_session_export.settings import SessionExport
host = Host(Hosting(LocalBackend, SessionExport(record=False)))
print(host.create().run("import os; os.getcwd()").text.strip("'"), flush=True)
time.sleep(600)
"""


async def test_no_folder_is_left_when_the_process_is_killed(tmp_path: Path) -> None:
    """That of a session that isn't recorded goes with its kernel."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LEFT, stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    assert process.stdout is not None
    folder = Path((await process.stdout.readline()).decode().strip())
    assert folder.is_dir()
    process.kill()
    await process.wait()
    await asyncio.to_thread(wait_until, lambda: not folder.exists())
