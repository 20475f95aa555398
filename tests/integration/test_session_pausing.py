"""Sessions that are paused, kept in snapshots, and given packages, on real kernels."""

from __future__ import annotations

import json
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_session_export.errors import (
    InvalidRequest,
    NotSupported,
    PackagesFailed,
    StateNotFound,
    StateRefused,
)
from jupyter_session_export.sessions.session import Host, Session
from tests.session_hosts import a_fake_host, local_host
from tests.waiting import wait_until
from tests.wheels import make_wheel

COUNTING = "import time\nfor n in range(30):\n    print(n, flush=True); time.sleep(0.05)"

BASH = {
    "argv": [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"],
    "display_name": "Bash",
    "language": "bash",
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    home = tmp_path_factory.mktemp("local")
    place = home / "data" / "kernels" / "bash"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(BASH))
    with local_host(home) as host:
        yield host


@pytest.fixture(scope="module")
def session(host: Host) -> Iterator[Session]:
    with host.create() as session:
        yield session


def states_of(session: Session) -> Path:
    record = session._live.place.record  # type: ignore[attr-defined]
    return Path(record.folder.states)


def pid_of(session: Session) -> int:
    return int(session.run("import os; os.getpid()").text or "")


def test_a_run_goes_on_after_a_freeze(session: Session) -> None:
    """In the middle of its code; the time that it was frozen is no part of its timeout."""
    seen: list[str] = []
    results = []
    options = {"timeout": 15.0, "on_stdout": seen.append}
    running = threading.Thread(
        target=lambda: results.append(session.run(COUNTING, **options))  # type: ignore[arg-type]
    )
    running.start()
    wait_until(lambda: len(seen) > 3)
    assert session.pause() is None
    assert session.status().status == "frozen"
    process = psutil.Process(session._live.link.pid)
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED)
    before = process.cpu_times()
    time.sleep(0.3)
    assert process.cpu_times() == before
    assert not results
    assert session.resume() == ()
    running.join()
    assert "".join(seen).split() == [str(n) for n in range(30)]
    assert results[0].success
    assert session.status().status == "idle"


def test_a_timeout_does_not_count_what_was_frozen(session: Session) -> None:
    """Nor does a code that is frozen keep a timeout from ending it afterwards."""
    results = []
    code = "print('begun', flush=True)\nwhile True: pass"
    seen: list[str] = []
    running = threading.Thread(
        target=lambda: results.append(session.run(code, timeout=1.0, on_stdout=seen.append))
    )
    running.start()
    wait_until(lambda: seen)
    session.pause("freeze")
    time.sleep(1.5)
    assert not results
    session.resume()
    running.join()
    assert results[0].timed_out


def test_a_run_resumes_a_frozen_session(session: Session) -> None:
    """Nobody has to ask for it."""
    session.pause()
    assert session.run("1 + 1").text == "2"
    session.pause()
    session.pause()
    session.interrupt()
    assert session.status().status == "idle"


def test_a_suspended_session_has_no_kernel(session: Session) -> None:
    """Its memory is free; the next run has its variables back, and the record goes on."""
    session.run("import numpy as np\nvalues = np.arange(5)\nhalf = values[::2]")
    session.run("lock = open('/dev/null')")
    pid = pid_of(session)
    state = session.pause("suspend")
    assert state is not None
    assert {"values", "half"} <= {each.name for each in state.kept}
    (lost,) = state.lost
    assert lost.name == "lock"
    assert lost.rebuild is not None
    assert len(lost.rebuild.executions) == 1
    assert not psutil.pid_exists(pid)
    assert session.status().status == "suspended"
    assert session.status().memory_bytes is None
    result = session.run("half[1] = 9\nvalues.tolist()")
    assert result.text == "[0, 1, 9, 3, 4]"
    assert pid_of(session) != pid
    assert list(states_of(session).glob("~*")) == []
    assert session.status().status == "idle"


def test_nothing_of_it_is_recorded(session: Session, tmp_path: Path) -> None:
    """The record holds what was run, and no word of how it was kept."""
    session.run("kept = 'mine'")
    session.snapshot("one")
    session.pause("suspend")
    session.run("kept")
    archive = zipfile.ZipFile(session.export(tmp_path).path)
    sources = [archive.read(name) for name in archive.namelist() if name.endswith("source.py")]
    assert b"kept = 'mine'" in sources
    assert not any(b"_jupyter_session_export" in source for source in sources)


def test_a_resume_tells_what_it_could_not_give_back(session: Session) -> None:
    """And what would make it again."""
    session.run("class Bad:\n    def __setstate__(self, state): 1 / 0")
    session.run("bad = Bad()\nbad.x = 1")
    session.pause("suspend")
    (lost,) = session.resume()
    assert lost.name == "bad"
    assert session.resume() == ()
    assert session.run("'bad' in dir()").text == "False"


def test_an_altered_state_is_refused_and_the_session_stays_suspended(session: Session) -> None:
    """Until it is started anew without its variables."""
    session.run("x = 'kept'")
    session.pause("suspend")
    (path,) = states_of(session).glob("~*.json")
    content = path.read_text()
    path.write_text(content.replace("kept", "kepT", 1))
    for _ in range(2):
        with pytest.raises(StateRefused):
            session.run("x")
        assert session.status().status == "suspended"
    path.write_text(content)
    assert session.run("x").text == "'kept'"
    session.pause("suspend")
    session.restart()
    assert session.run("'x' in dir()").text == "False"


def test_snapshots_come_back(session: Session) -> None:
    """As often as is asked for; a wrong one costs nothing."""
    session.run("x = [1]")
    assert session.snapshot("one").kept
    session.run("x.append(2)")
    session.snapshot("two")
    session.run("y = x.append(3)")
    assert session.snapshots() == ["one", "two"]
    for name, value in (("two", "[1, 2]"), ("one", "[1]")):
        assert session.restore(name) == ()
        assert session.run("x").text == value
    assert session.run("'y' in dir()").text == "False"
    session.run("x.append('mine')")
    for objects in states_of(session).glob("*.objects"):
        objects.write_bytes(objects.read_bytes()[:-1] + b"?")
    with pytest.raises(StateRefused):
        session.restore("one")
    assert session.run("x").text == "[1, 'mine']"
    with pytest.raises(StateNotFound):
        session.restore("three")


def test_states_go_with_their_session(host: Host) -> None:
    """They are of no use to anybody then."""
    with host.create() as session:
        session.run("x = 1")
        session.snapshot("one")
        session.pause("suspend")
        folder = states_of(session)
        assert folder.exists()
    assert not folder.exists()


def test_a_session_without_python_can_be_frozen(host: Host) -> None:
    """Its variables can't be written."""
    with host.create(language="bash") as session:
        session.run("x=1")
        with pytest.raises(NotSupported, match="can't be written"):
            session.pause("suspend")
        session.pause()
        assert session.run("echo $x").stdout == "1\n"
        with pytest.raises(InvalidRequest):
            session.pause("sleep")


def test_where_there_is_no_process_nothing_can_be_paused(tmp_path: Path) -> None:
    """The error says what can be done."""
    with a_fake_host(tmp_path) as host, host.create() as session:
        for how in ("freeze", "suspend"):
            with pytest.raises(NotSupported):
                session.pause(how)
        with pytest.raises(NotSupported):
            session.run("1", packages=["small"])
        assert session.run("1").text == "1"


@pytest.fixture
def offline(tmp_path: Path) -> list[str]:
    make_wheel(tmp_path / "wheels", "small", "1.5")
    return ["--no-index", f"--find-links={tmp_path / 'wheels'}"]


def test_packages_are_there_for_the_code(host: Host, offline: list[str]) -> None:
    """Also after a pause and a restart, also in processes that it starts."""
    lines: list[str] = []
    code = "import small, subprocess, sys\nprint(small.VERSION)\n"
    code += "subprocess.run([sys.executable, '-c', 'import small'], check=True)\n"
    code += "subprocess.run(['small'], check=True)"
    with host.create() as session:
        with pytest.raises(PackagesFailed) as caught:
            session.run("1", packages=["absent", *offline])
        assert "absent" in (caught.value.detail or "")
        result = session.run(
            code,
            packages=["small", *offline],
            on_progress=lambda stage: lines.append(f"{stage.stage}: {stage.message}"),
        )
        assert result.stdout.startswith("1.5\n")
        assert result.success
        assert any(line.startswith("installing: ") and "small" in line for line in lines)
        assert session.status().installed_packages == ("small==1.5",)
        session.pause("suspend")
        assert session.run("small.VERSION").text == "'1.5'"
        session.restart()
        assert session.run(code).success
    with host.create(packages=["small", *offline]) as session:
        assert session.run(code).success


def test_a_package_that_has_changed_is_installed_again(host: Host, tmp_path: Path) -> None:
    """By its content, as files are: under the same name, in the same session."""
    code = "import subprocess, sys\nprogram = [sys.executable, '-c', 'import small']\n"
    code += "subprocess.check_output(program, text=True).strip()"
    wheel = tmp_path / "small-1.5-py3-none-any.whl"
    with host.create() as session:
        for said in ("old", "new"):
            make_wheel(tmp_path, "small", "1.5", code=f"print('{said}')")
            for _ in range(2):
                result = session.run(code, packages=[str(wheel), "--no-index"])
                assert result.text == repr(said)
        assert session.status().installed_packages == ("small==1.5",)
        session.restart()
        assert session.run(code).text == "'new'"


def test_templates_are_presets(host: Host, tmp_path: Path, offline: list[str]) -> None:
    """What is said besides goes over them, or is added."""
    (tmp_path / "data.txt").write_text("content")
    host._hosting.settings.session_templates = {
        "science": {
            "packages": ["small", *offline],
            "files": {"in/data.txt": str(tmp_path / "data.txt")},
            "env": {"ONE": "1", "TWO": "2"},
        },
        "shell": {"language": "bash"},
    }
    with host.create(template="science", env={"TWO": "mine"}) as session:
        code = "import os, small; print(os.environ['ONE'], os.environ['TWO'], small.VERSION)"
        assert session.run(code).stdout == "1 mine 1.5\n"
        assert session.run("print(open('in/data.txt').read())").stdout == "content\n"
    assert host.run("echo $0", template="shell").success
    assert host.run("1", template="shell", language="python").text == "1"
    with pytest.raises(InvalidRequest, match="no template 'other'") as caught:
        host.create(template="other")
    assert "science, shell" in (caught.value.detail or "")


def test_a_session_that_cannot_be_prepared_is_not_begun(host: Host, offline: list[str]) -> None:
    """Nothing of it lives."""
    before = len(host.list())
    with pytest.raises(PackagesFailed):
        host.create(packages=["absent", *offline])
    assert len(host.list()) == before


def test_a_session_without_a_record_can_only_be_frozen(tmp_path: Path) -> None:
    """There is no place for its variables."""
    with local_host(tmp_path) as host:
        host._hosting.settings.record = False
        with host.create() as session:
            with pytest.raises(NotSupported, match="isn't recorded"):
                session.pause("suspend")
            session.pause()
            assert session.run("1").text == "1"
