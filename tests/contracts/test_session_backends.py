"""What holds for sessions wherever they run."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from jupyter_session_export.errors import (
    FileMissing,
    InvalidName,
    InvalidRequest,
    KernelNotInstalled,
    NotSupported,
    RunFailed,
    RunTimedOut,
    SessionClosed,
    SessionNotFound,
)
from jupyter_session_export.sessions.events import Finished, Output, Progress, Stdout
from jupyter_session_export.sessions.result import INTERRUPTED, TIMED_OUT
from jupyter_session_export.sessions.session import Host, Session
from tests.session_hosts import a_fake_host, enterprise_host, gateway_host, local_host, server_host

HOSTS: dict[str, Callable[[Path], AbstractContextManager[Host]]] = {
    "fake": a_fake_host,
    "local": local_host,
    "server": server_host,
    "gateway": gateway_host,
    "enterprise": enterprise_host,
}
LONG = [pytest.mark.soak, pytest.mark.timeout(1800)]
"""It installs an Enterprise Gateway first."""
COUNTING = """
import time
for steps in range(100000):
    print(steps, flush=True)
    time.sleep(0.01)
"""
READING = """
import hashlib
with open({path!r}, "rb") as file:
    content = file.read()
"""
ENDLESS = "import time\nprint('begun', flush=True)\nwhile True:\n    time.sleep(0.01)"


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=LONG if name == "enterprise" else []) for name in HOSTS],
)
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """Each of the hosts in turn."""
    with HOSTS[request.param](tmp_path_factory.mktemp(request.param)) as host:
        yield host


@pytest.fixture(scope="module")
def session(host: Host) -> Iterator[Session]:
    """A session that the tests of one host share."""
    with host.create(name="shared") as session:
        yield session


def test_variables_stay(session: Session) -> None:
    """A run finds what an earlier one left."""
    assert session.run("number = 20").success
    assert session.run("number + 1").text == "21"


@pytest.mark.parametrize("how", ["freeze", "suspend"])
def test_a_pause_costs_nothing(session: Session, how: str) -> None:
    """Where a session can't be paused it says so, and goes on either way."""
    session.run("number = 20")
    with suppress(NotSupported):
        session.pause(how)
        assert session.status().status in {"frozen", "suspended"}
    assert session.run("number + 1").text == "21"
    assert session.status().status == "idle"


def test_streams_are_told_apart(session: Session) -> None:
    """What goes to stdout and stderr is in the result, and told while it comes."""
    out: list[str] = []
    errors: list[str] = []
    code = "import sys\nprint('one')\nprint('two', file=sys.stderr)\nprint('three')"
    result = session.run(code, on_stdout=out.append, on_stderr=errors.append)
    assert (result.stdout, result.stderr) == ("one\nthree\n", "two\n")
    assert ("".join(out), "".join(errors)) == ("one\nthree\n", "two\n")


def test_code_that_fails_is_a_result(session: Session) -> None:
    """User code that fails raises nothing, unless that is asked for."""
    result = session.run("print('before')\n1 / 0")
    assert (result.success, result.exit_code, result.stdout) == (False, 1, "before\n")
    assert result.error is not None
    assert (result.error.name, result.error.value) == ("ZeroDivisionError", "division by zero")
    assert any("ZeroDivisionError" in line for line in result.error.traceback)
    assert result.outputs[-1]["output_type"] == "error"
    with pytest.raises(RunFailed, match="division by zero"):
        result.require_success()


def test_code_that_cannot_be_parsed_is_a_result(session: Session) -> None:
    """So does code that is no code."""
    result = session.run("this is no Python")
    assert result.error is not None
    assert result.error.name == "SyntaxError"


def test_a_program_tells_its_exit_code(session: Session) -> None:
    """`sys.exit(3)` is exit code 3, and 0 is a success."""
    assert session.run("import sys\nsys.exit(3)").exit_code == 3
    assert session.run("import sys\nsys.exit(0)").success


def test_code_that_takes_too_long_is_interrupted(session: Session) -> None:
    """A timeout interrupts the code and says so; variables and output stay."""
    session.run("kept = 'still here'")
    result = session.run(ENDLESS, timeout=0.5)
    assert result.timed_out
    assert result.exit_code == TIMED_OUT
    assert result.stdout == "begun\n"
    assert "was interrupted" in str(result.error)
    with pytest.raises(RunTimedOut):
        result.require_success()
    assert session.run("kept").text == "'still here'"


def test_a_stream_tells_what_happens_in_its_order(session: Session) -> None:
    """Events come as they happen; the last one has the result."""
    events = list(session.stream("print('a', flush=True)\n'b'"))
    kinds = [type(event) for event in events]
    assert kinds == [Progress, Stdout, Output, Progress, Finished]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.result.text == "'b'"


def test_a_stream_that_nobody_follows_is_interrupted(session: Session) -> None:
    """Who leaves a stream ends the code: what comes next doesn't wait for it."""
    session.run("steps = 0")
    for event in session.stream(COUNTING):
        if isinstance(event, Stdout):
            break
    assert int(session.run("steps", timeout=30).text) < 99999


def test_another_thread_interrupts(session: Session) -> None:
    """An interrupt ends the run with a KeyboardInterrupt."""
    begun = threading.Event()

    def interrupt() -> None:
        assert begun.wait(60)
        session.interrupt()

    helper = threading.Thread(target=interrupt)
    helper.start()
    result = session.run(ENDLESS, on_stdout=lambda _: begun.set())
    helper.join()
    assert result.error is not None
    assert (result.error.name, result.exit_code) == ("KeyboardInterrupt", INTERRUPTED)


def test_a_callback_that_fails_interrupts(session: Session) -> None:
    """An error of a callback is the caller's, and ends the code."""

    def fail(_: str) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        session.run(ENDLESS, on_stdout=fail)
    assert session.run("1", timeout=30).text == "1"


def test_runs_of_several_threads_take_turns(session: Session) -> None:
    """Two runs of one session never mix."""
    results = {}

    def run(number: int) -> None:
        code = f"import time\nprint({number})\ntime.sleep(0.05)\nprint({number})"
        results[number] = session.run(code).stdout

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: f"{number}\n{number}\n" for number in range(3)}


def test_files_go_by_their_content(session: Session, tmp_path: Path) -> None:
    """The same content isn't sent twice; other content of the same name, size and time is."""
    local = tmp_path / "numbers.txt"
    local.write_text("1 2 3")
    os.utime(local, (1e9, 1e9))
    assert session.upload([local]) == ["numbers.txt"]
    assert session.upload([local]) == []
    local.write_text("4 5 6")
    os.utime(local, (1e9, 1e9))
    result = session.run(READING.format(path="numbers.txt") + "content", files=[local])
    assert result.text == "b'4 5 6'"
    session.run(
        "with open('numbers.txt', 'w') as file:\n    file.write('spoiled')"
    ).require_success()
    assert session.upload([local]) == ["numbers.txt"]


def test_large_files_come_and_go_whole(session: Session, tmp_path: Path) -> None:
    """Files of several chunks arrive byte for byte, in folders, with progress."""
    content = os.urandom(7 * 2**20 + 1)
    told: list[float] = []
    code = READING.format(path="in/some folder/ä.bin") + "hashlib.sha256(content).hexdigest()"
    result = session.run(
        code,
        files={"in/some folder/ä.bin": content},
        download_files={"in/some folder/ä.bin": tmp_path / "back" / "again.bin"},
        on_progress=lambda stage: told.append(stage.percent or 0.0),
    )
    assert result.text == repr(hashlib.sha256(content).hexdigest())
    (path,) = result.files.values()
    assert path.read_bytes() == content
    assert len({percent for percent in told if 0 < percent < 100}) >= 2
    assert set(result.timing.per_stage) >= {"uploading", "executing", "downloading", "completed"}
    assert sum(result.timing.distribution.values()) == 100
    assert "in/some folder/ä.bin" in session.files()


def test_empty_files_are_files(session: Session, tmp_path: Path) -> None:
    """A file without content comes and goes, too."""
    session.upload({"empty.txt": b""})
    found = session.download({"empty.txt": tmp_path / "empty.txt"})
    assert found["empty.txt"].read_bytes() == b""


@pytest.mark.parametrize("path", ["../out.txt", "a/../../out.txt", "/out.txt", ""])
def test_no_file_leads_out(session: Session, path: str) -> None:
    """A path that leads out of the session's folder is refused, whatever it is for."""
    with pytest.raises(InvalidName):
        session.upload({path: b"x"})
    with pytest.raises((InvalidName, FileMissing)):
        session.download({path: Path("never")})
    assert not Path("never").exists()


def test_a_file_that_is_missing_is_told(session: Session, tmp_path: Path) -> None:
    """A download of nothing leaves nothing."""
    with pytest.raises(FileMissing):
        session.download({"nothing.txt": tmp_path / "nothing.txt"})
    assert list(tmp_path.iterdir()) == []


def test_status_tells_how_it_stands(session: Session) -> None:
    """State, end, cost, files: all of it is visible."""
    session.upload({"told.txt": b"x"})
    session.run("1")
    status = session.status()
    assert (status.id, status.name, status.status) == (session.id, "shared", "idle")
    assert status.language == "python"
    assert status.remaining is not None
    assert status.remaining > 0
    assert status.runs > 0
    assert status.cost.wall_seconds > 0
    assert "told.txt" in status.uploaded_files


def test_a_restart_forgets_variables(host: Host) -> None:
    """A restarted kernel is a new one, of the same session."""
    with host.create() as session:
        session.run("gone = 1")
        session.restart()
        result = session.run("gone")
        assert result.error is not None
        assert result.error.name == "NameError"


def test_a_restart_ends_what_runs(session: Session) -> None:
    """Who restarts doesn't wait for endless code, and its run says how it ended."""
    begun, results = threading.Event(), []

    def run() -> None:
        results.append(session.run(ENDLESS, on_stdout=lambda _: begun.set()))

    runner = threading.Thread(target=run)
    runner.start()
    assert begun.wait(60)
    session.restart()
    runner.join(60)
    (result,) = results
    assert result.error is not None
    assert result.error.name in ("KernelDied", "KeyboardInterrupt")
    assert result.stdout.strip() == "begun"
    assert session.run("1").text == "1"


def test_sessions_are_found_until_they_are_closed(host: Host) -> None:
    """A session is listed and found by its id as long as it lives, and no longer."""
    session = host.create(name="found")
    session.run("here = 'yes'")
    known = {each.id: each for each in host.list()}
    assert known[session.id].name == "found"
    assert known[session.id].language == "python"
    assert host.get(session.id).run("here").text == "'yes'"
    session.close()
    session.close()
    assert session.id not in {each.id for each in host.list()}
    with pytest.raises(SessionNotFound):
        host.get(session.id)
    with pytest.raises(SessionClosed):
        session.run("1")


def test_a_run_of_its_own_ends_with_its_session(host: Host) -> None:
    """`run` keeps its session only where that is asked for, and goes on in it then."""
    assert host.run("1").session_id not in {each.id for each in host.list()}
    kept = host.run("left = 5", keep_alive=True).session_id
    assert host.run("left", session_id=kept).text == "5"
    with pytest.raises(InvalidRequest, match="env"):
        host.run("1", session_id=kept, env={"A": "b"})
    host.get(kept).close()


def test_a_language_that_nobody_speaks_is_told(host: Host) -> None:
    """The error says how to get a kernel for it, and nothing is left."""
    before = len(host.list())
    with pytest.raises(KernelNotInstalled) as told:
        host.create(language="Julia")
    assert "IJulia" in str(told.value.detail)
    with pytest.raises(KernelNotInstalled, match="no-such-kernel"):
        host.create(kernel="no-such-kernel")
    assert len(host.list()) == before


def test_many_inputs_keep_their_order(host: Host) -> None:
    """A batch's results are in the order of its inputs, and one failure is one failure."""
    told: list[tuple[int, int]] = []
    results = host.map(
        "100 // item",
        [1, 2, 0, 5],
        max_sessions=2,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert [result.text for result in results] == ["100", "50", "", "20"]
    assert [result.success for result in results] == [True, True, False, True]
    assert sorted(told) == [(1, 4), (2, 4), (3, 4), (4, 4)]
