"""Sessions of local kernels: what is recorded of them, how they end, and that nothing is left."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_session_export.errors import (
    InvalidName,
    InvalidRequest,
    KernelDied,
    KernelStartFailed,
    NotSupported,
    PackagesFailed,
    TooManySessions,
)
from jupyter_session_export.sessions.async_session import AsyncHost, AsyncSession
from jupyter_session_export.sessions.events import Stdout
from jupyter_session_export.sessions.session import Host, Session
from jupyter_session_export.store.catalog import Catalog
from tests.exporting import executions
from tests.lone_kernels import recorded_in
from tests.servers import isolated_environment
from tests.session_hosts import local_host
from tests.waiting import SECONDS, wait_until

BASH = {
    "argv": [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"],
    "display_name": "Bash",
    "language": "bash",
}
BROKEN = {
    "argv": [sys.executable, "-c", "raise SystemExit('it has no heart')", "{connection_file}"],
    "display_name": "Broken",
    "language": "broken",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The account of the tests, with a few kernelspecs."""
    folder = tmp_path_factory.mktemp("home")
    for name, spec in (("bash", BASH), ("broken", BROKEN)):
        place = folder / "data" / "kernels" / name
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(json.dumps(spec))
    return folder


@pytest.fixture(scope="module")
def host(home: Path) -> Iterator[Host]:
    """Two sessions at once are as many as there may be."""
    with local_host(home, max_live_sessions=2) as host:
        yield host


@pytest.fixture
def session(host: Host) -> Iterator[Session]:
    with host.create() as session:
        yield session


def catalog(home: Path) -> Catalog:
    return Catalog(home / "data" / "session_export")


def test_each_run_is_recorded_once(host: Host, home: Path, tmp_path: Path) -> None:
    """The export has every run with its outputs, and the session's files; by nobody else."""
    before = {session.id for session in catalog(home).sessions()}
    with host.create() as session:
        session.run("print('first')")
        session.run("1 / 0")
        session.run("with open('made.txt', 'w') as file: file.write('made')")
        session.upload({"given.txt": b"given"})
    delivered = session.export(tmp_path)
    with zipfile.ZipFile(delivered.path) as archive:
        ran = recorded_in(archive)
        assert archive.read("outputs/made.txt") == b"made"
        assert archive.read("outputs/given.txt") == b"given"
    assert [each["source"] for each in ran[:2]] == ["print('first')", "1 / 0"]
    assert [each["status"] for each in ran] == ["ok", "error", "ok"]
    assert ran[0]["stdout"] == "first\n"
    assert ran[0]["timing_ms"]["queued"] is not None
    new = [each for each in catalog(home).sessions() if each.id not in before]
    assert [each.id for each in new] == [session.id]
    assert new[0].ended_at is not None


def test_a_live_session_is_exported(session: Session, tmp_path: Path) -> None:
    """An export needs no end; with a name it has that one."""
    session.run("print('so far')")
    delivered = session.export(tmp_path / "mine.zip", include=["executions"])
    assert delivered.path == tmp_path / "mine.zip"
    with zipfile.ZipFile(delivered.path) as archive:
        assert len(executions(archive)) == 1


def test_a_kernel_that_dies_is_told(session: Session) -> None:
    """Its run has the cause; the next is refused until somebody restarts it."""
    result = session.run("import os, signal\nprint('last', flush=True)\nos.kill(os.getpid(), 9)")
    assert result.error is not None
    assert (result.error.name, result.exit_code) == ("KernelDied", 137)
    assert "SIGKILL" in result.error.value
    assert session.status().status == "dead"
    with pytest.raises(KernelDied, match="has died"):
        session.run("1")
    session.restart()
    assert session.run("1").text == "1"
    assert session.status().status == "idle"


def test_code_that_ignores_the_interrupt_loses_its_kernel(session: Session) -> None:
    """A timeout holds whatever the code does, and what was lost is said."""
    deaf = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("deaf", flush=True)
while True: time.sleep(1)
"""
    result = session.run(deaf, timeout=0.5)
    assert result.timed_out
    assert result.stdout == "deaf\n"
    assert "variables are gone" in str(result.error)
    assert session.run("1").text == "1"


def test_as_many_as_are_allowed(host: Host) -> None:
    """One more session is refused with a way out, and one that ends makes room."""
    first, second = host.create(), host.create()
    with pytest.raises(TooManySessions, match="2 sessions") as told:
        host.create()
    assert "max_live_sessions" in str(told.value.detail)
    first.close()
    host.create().close()
    second.close()


def test_a_session_whose_time_is_over_ends_but_no_running_one(host: Host) -> None:
    """A run that is longer than the lifetime is renewed in its middle; then idle time counts."""
    session = host.create(lifetime=1.0)
    result = session.run("import time\ntime.sleep(3.5)\n'done'")
    assert result.text == "'done'"
    wait_until(lambda: session.id not in {known.id for known in host.list()})
    assert session.status().status == "closed"


def test_keep_alive_moves_the_end(host: Host) -> None:
    """What is promised is visible at once."""
    with host.create(lifetime=60) as session:
        session.keep_alive(1000)
        status = session.status()
        assert status.remaining is not None
        assert status.remaining > 900
        assert status.expires_at is not None


def test_a_kernel_that_does_not_start_is_told(host: Host, home: Path) -> None:
    """The error has the kernel's own last words; neither session nor record is left."""
    before = {session.id for session in catalog(home).sessions()}
    with pytest.raises(KernelStartFailed) as told:
        host.create(language="broken")
    assert "it has no heart" in str(told.value.detail)
    assert host.list() == []
    assert {session.id for session in catalog(home).sessions()} == before


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"files": {"../out.txt": b""}}, InvalidName),
        ({"packages": ["missing==1.0", "--no-index"]}, PackagesFailed),
        ({"cwd": "/no/such/folder"}, InvalidRequest),
    ],
)
def test_a_run_that_can_not_begin_leaves_nothing(
    host: Host, home: Path, options: Any, error: type[Exception]
) -> None:
    """Neither its session nor a record of nothing."""
    before = {session.id for session in catalog(home).sessions()}
    with pytest.raises(error):
        host.run("1", **options)
    assert host.list() == []
    assert {session.id for session in catalog(home).sessions()} == before


def test_other_languages_run_too(host: Host) -> None:
    """Any kernelspec by its language, here bash, with the same results and files."""
    with host.create(language="bash", env={"GREETING": "hello"}) as session:
        result = session.run('echo "$GREETING"; cat in.txt', files={"in.txt": b"file"})
        assert result.stdout.split() == ["hello", "file"]
        assert not session.run("ls /no/such/folder").success
        assert session.status().language == "bash"


def test_what_it_costs_is_counted(session: Session) -> None:
    """CPU time, memory over time and wall time are of the run, and add up in the session."""
    code = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    cost = session.run(code).cost
    assert cost.cpu_seconds is not None
    assert cost.gib_seconds is not None
    assert cost.cpu_seconds >= 0.29
    assert cost.wall_seconds >= cost.cpu_seconds * 0.9
    assert cost.gib_seconds > 0
    session.run("1")
    total = session.status().cost
    assert total.cpu_seconds is not None
    assert total.cpu_seconds >= cost.cpu_seconds


def test_any_client_reaches_the_kernel(session: Session) -> None:
    """The kernel's own client is there for who needs it, and sees the same variables."""
    session.run("seen = 'same'")
    client = session.kernel_client()
    texts: list[str] = []
    client.execute_interactive(
        "print(seen)", output_hook=lambda message: texts.append(message["content"].get("text", ""))
    )
    client.stop_channels()
    assert "".join(texts) == "same\n"


def test_the_current_folder_is_nobodys(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kernels leave no file in it, and don't mind another one being the current one."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with local_host(home) as host, host.create() as session:
        monkeypatch.chdir(tmp_path)
        client = session.kernel_client()
        # Its heart's thread doesn't expect to be stopped before it has begun.
        client.wait_for_ready(timeout=60)
        client.stop_channels()
        file = Path(client.connection_file)
        assert file.is_absolute()
        assert file.stat().st_mode & 0o777 == 0o600
        session.restart()
        assert session.run("1").text == "1"
        session.pause("suspend")
        assert session.run("1").text == "1"
    assert not file.exists()
    assert list((tmp_path / "here").iterdir()) == []


def test_absolute_paths_need_leave(host: Host, tmp_path: Path) -> None:
    """A session that was begun with leave for it takes files elsewhere, too."""
    place = tmp_path / "elsewhere.txt"
    with host.create(absolute_paths=True, cwd=tmp_path) as session:
        session.upload({str(place): b"x"})
        assert session.run("import os\nos.getcwd()").text == repr(str(tmp_path.resolve()))
    assert place.read_bytes() == b"x"


async def _idle(session: AsyncSession) -> None:
    while (await session.status()).status != "idle":
        await asyncio.sleep(0.05)


async def test_coroutines_have_the_same(home: Path) -> None:
    """AsyncSession runs, streams, calls coroutines, and interrupts when its task is cancelled."""
    with local_host(home) as sync:
        host = AsyncHost(sync._hosting)
        async with await host.create() as session:
            told: list[str] = []

            async def hear(text: str) -> None:
                await asyncio.sleep(0)
                told.append(text)

            assert (await session.run("print('x')\n5", on_stdout=hear)).text == "5"
            assert "".join(told) == "x\n"
            async for event in session.stream(
                "print('y', flush=True)\nimport time\ntime.sleep(60)"
            ):
                if isinstance(event, Stdout):
                    break
            task = asyncio.create_task(session.run("while True: pass"))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await session.run("6", timeout=30)).text == "6"
            client = await session.kernel_client()
            reply = await client.execute("7", reply=True, timeout=60)
            client.stop_channels()
            assert reply["content"]["status"] == "ok"
            # The kernel's own word that it is idle follows its reply.
            await asyncio.wait_for(_idle(session), SECONDS)
        results = await asyncio.gather(*(host.run(f"{n} * 2") for n in range(2)))
        assert [result.text for result in results] == ["0", "2"]


def test_nothing_is_recorded_where_that_is_off(home: Path, tmp_path: Path) -> None:
    """Sessions run all the same; their export says why there is none, and their folder goes."""
    before = len(catalog(home).sessions())
    with local_host(home, record=False) as host:
        with host.create() as session:
            folder = Path(str(session.run("import os\nos.getcwd()").text).strip("'"))
            assert folder.is_dir()
            with pytest.raises(NotSupported, match="not recorded"):
                session.export(tmp_path)
        assert not folder.exists()
    assert len(catalog(home).sessions()) == before


PROGRAM = """
import sys, time
from jupyter_session_export import Session
session = Session.create()
session.run("import os, subprocess; child = subprocess.Popen(['sleep', '600'])")
print(session.run("print(os.getpid(), child.pid)").stdout, end="", flush=True)
print(session.kernel_client().connection_file, flush=True)
if sys.argv[1] == "stopped":
    import os, signal
    os.kill(int(session.run("os.getpid()").text), signal.SIGSTOP)
if sys.argv[1] != "exit":
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", ["exit", "killed", "stopped"])
def test_nothing_is_left_when_the_process_ends(tmp_path: Path, how: str) -> None:
    """Neither kernels, nor what they started, nor their files: by an exit, a kill, and frozen."""
    environment = isolated_environment(tmp_path)
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, how],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    pids = [int(pid) for pid in program.stdout.readline().split()]
    file = Path(program.stdout.readline().strip())
    if how != "exit":
        assert program.stdout.readline().strip() == "ready"
        program.send_signal(signal.SIGKILL)
    assert program.wait(60) == (0 if how == "exit" else -signal.SIGKILL)
    program.stdout.close()
    assert len(pids) == 2
    wait_until(lambda: not any(_runs(pid) for pid in pids))
    wait_until(lambda: not file.exists())


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
