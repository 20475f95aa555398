"""What is told of sessions whose kernel died, whose time was over, or that could not go on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from jupyter_client.connect import LocalPortCache

from jupyter_session_export.errors import (
    KernelDied,
    KernelStartFailed,
    SessionClosed,
    SessionExportError,
)
from jupyter_session_export.sessions.async_session import AsyncHost, AsyncSession
from jupyter_session_export.sessions.result import RunResult
from jupyter_session_export.sessions.session import Host, Session
from tests.exporting import recorded_in
from tests.session_hosts import local_host
from tests.waiting import wait_until

PROGRAM = """
import json, pathlib, socket, sys, time
from ipykernel.kernelapp import launch_new_instance
here = pathlib.Path(__file__)
with here.with_name("starts").open("a") as starts:
    starts.write("1")
if here.with_name("slow").exists():
    time.sleep(600)
if here.with_name("robbed").exists():
    here.with_name("robbed").unlink()
    port = json.loads(pathlib.Path(sys.argv[1]).read_text())["control_port"]
    thief = socket.create_server(("127.0.0.1", port))
elif here.with_name("broken").exists():
    sys.exit("it has no heart")
sys.argv = ["fragile", "-f", sys.argv[1]]
launch_new_instance()
"""
ENDLESS = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.01)"
DEADLY = """
import os
class Deadly:
    def __setstate__(self, state): os.kill(os.getpid(), 9)
deadly = Deadly(); deadly.x = 1
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that keeps kernels from starting as long as it is there."""
    return tmp_path_factory.mktemp("fragile") / "broken"


@pytest.fixture
def robbed(broken: Path) -> Path:
    """A file with which the next kernel to start finds one of its ports taken, and removes it."""
    return broken.with_name("robbed")


@pytest.fixture
def starts(broken: Path) -> Path:
    """A file with a byte for each start of a kernel during the test."""
    file = broken.with_name("starts")
    file.write_text("")
    return file


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, broken: Path) -> Iterator[Host]:
    home = tmp_path_factory.mktemp("home")
    place = home / "data" / "kernels" / "fragile"
    place.mkdir(parents=True)
    program = broken.with_name("program.py")
    program.write_text(PROGRAM)
    argv = [sys.executable, str(program), "{connection_file}"]
    spec = {"argv": argv, "display_name": "Fragile", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec))
    with local_host(home) as host:
        yield host


@pytest.fixture
def session(host: Host, broken: Path) -> Iterator[Session]:
    broken.unlink(missing_ok=True)
    with host.create(kernel="fragile") as session:
        yield session
    broken.unlink(missing_ok=True)


def ports(session: Session) -> set[int]:
    """Return the ports of the session's kernel."""
    file = Path(session._live.link.connection_file)  # type: ignore[attr-defined]
    info = json.loads(file.read_text())
    return {number for name, number in info.items() if name.endswith("_port")}


def kill(session: Session) -> None:
    pid = session._live.link.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: session.status().status == "dead")


def in_thread(session: Session, code: str, results: list[RunResult]) -> threading.Thread:
    """Run code in a thread; return once it has printed something."""
    begun = threading.Event()
    run = lambda: results.append(session.run(code, on_stdout=lambda _: begun.set()))  # noqa: E731
    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(60)
    return thread


def test_a_kernel_that_dies_at_rest_is_dead(session: Session, tmp_path: Path) -> None:
    """With its cause. What it left ends, its files can be had, and a snapshot brings it back."""
    session.run("import subprocess; child = subprocess.Popen(['sleep', '600']).pid; x = 1")
    child = psutil.Process(int(session.run("child").text))
    session.snapshot("alive")
    session.upload({"made.txt": b"made"})
    kill(session)
    status = session.status()
    assert (status.status, status.memory_bytes, status.cpu_seconds) == ("dead", None, None)
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    for call in (lambda: session.run("x"), session.pause, session.interrupt):
        with pytest.raises(KernelDied, match="SIGKILL") as told:
            call()
        assert "restart()" in str(told.value.detail)
    assert session.status().runs == 2
    (path,) = session.download({"made.txt": tmp_path / "made.txt"}).values()
    assert path.read_bytes() == b"made"
    assert session.restore("alive") == ()
    assert session.run("x").text == "1"
    assert session.status().status == "idle"


def test_a_restart_that_fails_leaves_a_dead_session(
    session: Session, broken: Path, robbed: Path, starts: Path
) -> None:
    """After a second try. Who asks gets the last kernel's words, until a restart succeeds."""
    session.run("x = 1")
    broken.touch()
    for _ in range(2):
        robbed.touch()
        before = len(starts.read_text())
        with pytest.raises(KernelStartFailed) as told:
            session.restart()
        assert str(told.value.detail) == "The kernel has died (exit code 1). it has no heart"
        assert len(starts.read_text()) == before + 2
        assert session.status().status == "dead"
        with pytest.raises(KernelDied):
            session.run("1")
    broken.unlink()
    session.restart()
    assert session.status().status == "idle"
    assert session.run("'x' in dir()").text == "False"


def test_a_kernel_that_is_shut_down_as_it_starts_is_not_replaced(host: Host, starts: Path) -> None:
    """Whoever did that wanted no kernel."""
    told: list[SessionExportError] = []

    def create() -> None:
        try:
            host.create(kernel="fragile")
        except SessionExportError as error:
            told.append(error)

    slow = starts.with_name("slow")
    slow.touch()
    creating = threading.Thread(target=create)
    creating.start()
    wait_until(starts.read_text)
    slow.unlink()
    kernels = host._hosting.engine.backend.machine.kernels  # type: ignore[attr-defined]
    (kernel_id,) = wait_until(kernels.list_kernel_ids)
    host._hosting.loop.run(kernels.shutdown_kernel(kernel_id, now=True))
    creating.join(60)
    assert [type(error) for error in told] == [KernelStartFailed]
    assert starts.read_text() == "1"
    assert host.list() == []


def test_a_kernel_whose_port_was_taken_starts_once_more(host: Host, robbed: Path) -> None:
    """Its ports were chosen before it could have them."""
    robbed.touch()
    with host.create(kernel="fragile") as session:
        assert not robbed.exists()
        assert session.run("1").text == "1"


def test_a_restart_whose_port_was_taken_has_other_ports(
    session: Session, robbed: Path, tmp_path: Path
) -> None:
    """On which it is heard and recorded."""
    before = ports(session)
    robbed.touch()
    session.restart()
    assert not robbed.exists()
    assert not ports(session) & before
    # Jupyter gives those to no other kernel, and may give away the former ones again.
    known = LocalPortCache.instance().currently_used_ports
    assert ports(session) <= known
    assert not before & known
    session.run("print('heard')")
    with zipfile.ZipFile(session.export(tmp_path / "session.zip").path) as archive:
        assert [ran["stdout"] for ran in recorded_in(archive)] == ["heard\n"]


def test_a_frozen_kernel_that_is_killed_is_dead(session: Session) -> None:
    """It is neither frozen any more, nor can it be frozen again."""
    session.pause()
    kill(session)
    with pytest.raises(KernelDied):
        session.pause()
    with pytest.raises(KernelDied):
        session.resume()
    session.restart()
    assert session.status().status == "idle"


def test_a_resume_that_fails_leaves_it_suspended(session: Session, broken: Path) -> None:
    """Its variables are there until a kernel starts; its time stands still meanwhile."""
    session.run("x = [1]")
    state = session.pause("suspend")
    assert session.pause("suspend") == state
    broken.touch()
    for _ in range(2):
        with pytest.raises(KernelStartFailed):
            session.run("x")
        status = session.status()
        assert (status.status, status.remaining, status.expires_at) == ("suspended", None, None)
        assert session._live.link.pid is None
    broken.unlink()
    assert session.run("x").text == "[1]"
    assert session.status().remaining is not None


def test_a_kernel_that_dies_of_its_variables_leaves_it_suspended(session: Session) -> None:
    """Nor is one left that did; a restore that ends so leaves a dead session."""
    session.run(DEADLY).require_success()
    session.snapshot("deadly")
    session.pause("suspend")
    with pytest.raises(KernelDied):
        session.run("1")
    assert session.status().status == "suspended"
    session.restart()
    assert session.run("1").text == "1"
    with pytest.raises(KernelDied):
        session.restore("deadly")
    assert session.status().status == "dead"


def test_who_waits_for_its_turn_gets_the_new_kernel(session: Session) -> None:
    """A restart ends what runs, and not what comes next."""
    first: list[RunResult] = []
    second: list[RunResult] = []
    running = in_thread(session, ENDLESS, first)
    assert session.status().status == "busy"
    waiting = threading.Thread(target=lambda: second.append(session.run("'next'")))
    waiting.start()
    wait_until(lambda: session._live.waiting == 2)
    session.restart()
    for thread in (running, waiting):
        thread.join(60)
    assert first[0].error is not None
    assert first[0].error.name == "KernelDied"
    assert second[0].text == "'next'"
    assert session.status().status == "idle"


def test_a_session_whose_time_was_over_says_so(host: Host) -> None:
    """Its end stays when it was."""
    session = host.create(lifetime=0.5)
    wait_until(lambda: session.status().status == "closed")
    first, second = session.status(), session.status()
    assert first.expires_at == second.expires_at is not None
    assert (first.remaining, first.memory_bytes) == (0.0, None)
    with pytest.raises(SessionClosed, match="lifetime"):
        session.run("1")


async def test_who_gives_up_a_pause_finds_the_variables(session: Session) -> None:
    """Once they are on the disk and the kernel is ending, the session is suspended."""
    live, hosting = session._live, session._hosting
    coroutine = AsyncSession(hosting, live)
    await coroutine.run("x = 'kept'")
    pausing = asyncio.create_task(coroutine.pause("suspend"))
    while not live._pausing.suspended:
        await asyncio.sleep(0)
    pausing.cancel()
    await asyncio.gather(pausing, return_exceptions=True)
    assert (await coroutine.run("x")).text == "'kept'"
    assert (await AsyncHost(hosting).get(session.id)).id == session.id


def test_a_restart_in_the_middle_of_a_resume_waits_for_it(session: Session) -> None:
    """Otherwise one of two kernels would be left behind."""
    session.run("import time\nclass Slow:\n    def __setstate__(self, state): time.sleep(1)")
    session.run("slow = Slow(); slow.x = 1")
    session.pause("suspend")
    resuming = threading.Thread(target=session.resume)
    resuming.start()
    wait_until(lambda: session._live._pausing.exchanging)
    session.restart()
    resuming.join(60)
    assert session.run("'slow' in dir()").text == "False"
    children = psutil.Process(os.getpid()).children(recursive=True)
    kernels = [each for each in children if _is_kernel(each)]
    assert len(kernels) == 1


def _is_kernel(process: psutil.Process) -> bool:
    try:
        return any("program.py" in each for each in process.cmdline())
    except psutil.Error:
        return False
