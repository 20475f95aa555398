"""`jupyter session-export doctor`: a healthy install, and one that is broken in each way."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.cli.doctor.extensions import examine_extensions
from jupyter_session_export.cli.doctor.finding import Finding
from jupyter_session_export.cli.doctor.kernels import examine_kernels
from jupyter_session_export.cli.doctor.servers import examine_servers
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.session_file import write_session
from tests.kernel_socket import KernelSocket
from tests.servers import isolated_environment, running_server

PACKAGE, FRONT_END = "jupyter_session_export", "jupyter-session-export"
PLACES = """
import json, sys
from pathlib import Path
from jupyter_session_export.cli.doctor.disk import examine_disk
from jupyter_session_export.cli.doctor.folder import examine_folder
from jupyter_session_export.cli.doctor.locks import examine_locks
place = Path(sys.argv[1])
examinations = (examine_folder, examine_disk, examine_locks)
print(json.dumps([found.to_json() for each in examinations for found in each(place)]))
"""
"""Looks at a data folder from a process of its own."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of an account whose Jupyter folders are all below it, for this process, too."""
    for name in [name for name in os.environ if name.startswith(("JUPYTER", "JPY_"))]:
        monkeypatch.delenv(name)
    for name, value in isolated_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    # As outside of a virtual environment: what is the account's own counts for more.
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    return tmp_path


def run(*command: str, environment: Mapping[str, str] = os.environ) -> tuple[int, str]:
    done = subprocess.run(
        command, env={**environment}, input="y\n", capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def doctor(*arguments: str, environment: Mapping[str, str] = os.environ) -> tuple[int, Any]:
    """Run the whole of it; return its exit code and report."""
    program = (sys.executable, "-m", "jupyter", "session-export", "doctor", "--json")
    code, out = run(*program, *arguments, environment=environment)
    return code, json.loads(out)


def remedy(finding: Finding) -> None:
    """Type what it says."""
    assert finding.remedy is not None
    program, *arguments = shlex.split(finding.remedy)
    assert program == "jupyter"
    assert run(sys.executable, "-m", program, *arguments)[0] == 0


def tree(folder: Path) -> dict[str, int]:
    """Return every file with when it was last written."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.stat().st_mtime_ns for path in files}


def codes(findings: list[dict[str, Any]], level: str) -> set[str]:
    return {finding["code"] for finding in findings if finding["level"] == level}


def test_a_healthy_install(tmp_path: Path) -> None:
    """Everything is examined, also the server that runs; no problem, and nothing changed."""
    with running_server(tmp_path) as server:
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("print('recorded')")
        environment = {**server.environment, "PYTHONDONTWRITEBYTECODE": "1"}
        code, told = doctor("--kernel", "python3", environment=environment)
        assert (code, told["healthy"], told["problems"]) == (0, True, 0), told["findings"]
        assert told["servers"][0]["well"] is True
    found = {finding["code"]: finding for finding in told["findings"]}
    whole = {"VERSIONS", "SETTINGS", "SERVER_EXTENSION", "LAB_EXTENSION", "KERNEL", "DATA_FOLDER"}
    assert whole | {"LOCKS", "STORE", "CLOCK", "PROXIES", "SERVER"} <= set(found)
    assert found["SERVER"]["message"].endswith("answers and streams.")
    assert found["STORE"]["facts"]["sessions"] == 1
    before = tree(tmp_path)
    code, told = doctor("--kernel", "python3", environment=environment)
    assert code == 0
    assert tree(tmp_path) == before


def test_an_install_with_many_faults(home: Path) -> None:
    """Each is told by its code, and the exit code is 1; nothing is mended."""
    catalog = Catalog(home / "data" / "session_export")
    damaged, future = (catalog.open(SessionKey("ada", root)) for root in ("/a", "/b"))
    damaged.close()
    future.close()
    with damaged.folder.database.open("r+b") as file:
        file.write(os.urandom(4096))
    later = replace(future.session, last_active_at=now() + timedelta(days=3))
    write_session(future.folder, later)
    (home / "runtime" / "jpserver-999999999.json").write_text('{"pid": 999999999}')
    settings = home / "config" / "jupyter_session_export_config.py"
    settings.write_text("c.SessionExport.retention_days = -1\n")
    before = tree(home)
    code, told = doctor("--kernel", "no-such-kernel")
    assert code == 1
    assert codes(told["findings"], "problem") == {
        "SETTINGS_WRONG",
        "KERNEL_UNKNOWN",
        "SESSION_DAMAGED",
    }
    assert codes(told["findings"], "warning") >= {"CLOCK_BEHIND_RECORD", "SERVER_INFO_STALE"}
    assert all(each["remedy"] for each in told["findings"] if each["level"] != "ok")
    assert tree(home) == before


def test_extensions_that_are_turned_off(home: Path) -> None:
    """By the account's own configuration; the remedies turn them on again where that counts."""
    (home / "config" / "jupyter_server_config.d").mkdir()
    (home / "config" / "labconfig").mkdir()
    off = {"ServerApp": {"jpserver_extensions": {PACKAGE: False}}}
    file = home / "config" / "jupyter_server_config.d" / f"{PACKAGE}.json"
    file.write_text(json.dumps(off))
    page = home / "config" / "labconfig" / "page_config.json"
    page.write_text(json.dumps({"disabledExtensions": {FRONT_END: True}}))
    (server,), (lab,) = examine_extensions()
    assert (server.code, lab.code) == ("SERVER_EXTENSION_DISABLED", "LAB_EXTENSION_DISABLED")
    assert str(file) in server.message
    remedy(server)
    remedy(lab)
    (server,), (lab,) = examine_extensions()
    assert (server.code, lab.code) == ("SERVER_EXTENSION", "LAB_EXTENSION")


def test_a_configuration_that_fails_and_a_front_end_that_hides_ours(home: Path) -> None:
    """The first has a server not start, the second is a copy that an older version left."""
    copy = home / "data" / "labextensions" / FRONT_END
    (copy / "static").mkdir(parents=True)
    (copy / "static" / "entry.js").write_text("")
    build = {"load": "static/entry.js"}
    package = {"name": FRONT_END, "version": "0.0.1", "jupyterlab": {"_build": build}}
    (copy / "package.json").write_text(json.dumps(package))
    (home / "config" / "jupyter_server_config.py").write_text("c.NoSuch.thing = undefined\n")
    (server,), (lab,) = examine_extensions()
    assert (server.code, lab.code) == ("SERVER_CONFIG_BROKEN", "LAB_EXTENSION_SHADOWED")
    assert "NameError" in server.message
    assert str(copy) in (lab.remedy or "")


def add_kernel(home: Path, name: str, argv: list[str], **more: Any) -> None:
    folder = home / "data" / "kernels" / name
    folder.mkdir(parents=True)
    spec = {"argv": argv, "display_name": name, "language": "python", **more}
    (folder / "kernel.json").write_text(json.dumps(spec))


def test_kernels_of_other_environments(home: Path) -> None:
    """Each is asked by its own interpreter: gone, without ipykernel, without us, broken, well."""
    venv.create(home / "bare")
    venv.create(home / "other", system_site_packages=True)
    launch = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    bare = {"PYTHONPATH": ""}
    add_kernel(home, "gone", [str(home / "removed" / "bin" / "python"), *launch])
    add_kernel(home, "bare", [str(home / "bare" / "bin" / "python"), *launch], env=bare)
    stub = home / "stub"
    stub.mkdir()
    (stub / "ipykernel_launcher.py").write_text("")
    lone = {"PYTHONPATH": str(stub)}
    add_kernel(home, "lone", [str(home / "bare" / "bin" / "python"), *launch], env=lone)
    (stub / "broken" / PACKAGE).mkdir(parents=True)
    (stub / "broken" / PACKAGE / "__init__.py").write_text("raise ImportError('on purpose')")
    broken = {"PYTHONPATH": os.pathsep.join([str(stub), str(stub / "broken")])}
    add_kernel(home, "broken", [str(home / "bare" / "bin" / "python"), *launch], env=broken)
    add_kernel(home, "rust", [sys.executable, "evcxr"], language="rust")
    add_kernel(home, "unreadable", [])
    (home / "data" / "kernels" / "unreadable" / "kernel.json").write_text("{")
    found = {finding.message.partition(":")[0]: finding for finding in examine_kernels()}
    assert {name: found[name].code for name in found if not name.startswith("xpython")} == {
        "gone": "KERNEL_INTERPRETER_GONE",
        "bare": "KERNEL_BROKEN",
        "lone": "KERNEL_WITHOUT_PLUGIN",
        "broken": "KERNEL_PLUGIN_BROKEN",
        "rust": "KERNEL_RECORDED_ONLY",
        "unreadable": "KERNEL_SPEC_BROKEN",
        "python3": "KERNEL",
    }
    assert str(home / "bare") in (found["lone"].remedy or "")
    remedy(found["gone"])


def on_a_disk(mounting: str, place: Path) -> list[dict[str, Any]]:
    """Look at a data folder on a small disk that only that process sees, and that goes with it.

    `mounting` is a shell's command; without root's rights it runs in a user namespace of its own.
    """
    namespace = ["unshare", "--mount"]
    namespace += [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = f'{mounting} && exec "$@"'
    arguments = ["sh", "-ec", command, str(place), sys.executable, "-c", PLACES, str(place)]
    code, out = run(*namespace, *arguments)
    assert code == 0
    findings: list[dict[str, Any]] = json.loads(out)
    return findings


def test_a_disk_that_is_read_only(tmp_path: Path) -> None:
    """Nothing can be tried there."""
    found = on_a_disk('mount -t tmpfs -o size=64m,ro tmpfs "$0"', tmp_path)
    assert codes(found, "problem") == {"DATA_FOLDER_READ_ONLY"}
    assert "LOCKS_NOT_TRIED" in codes(found, "warning")


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """To the last byte."""
    fill = 'dd if=/dev/zero of="$0/filling" bs=4k 2> /dev/null || test -s "$0/filling"'
    found = on_a_disk(f'mount -t tmpfs -o size=1m,mode=700 tmpfs "$0" && {{ {fill}; }}', tmp_path)
    assert codes(found, "problem") == {"DISK_FULL"}
    assert {finding["remedy"] for finding in found[:2]} == {"jupyter session-export cleanup"}


def test_a_file_system_without_locks(home: Path, tmp_path: Path) -> None:
    """Every process there is refused, as on some network folders."""
    (home / "sitecustomize.py").write_text(
        "import errno, fcntl\n"
        "def refuse(*_):\n"
        "    raise OSError(errno.ENOLCK, 'No locks available')\n"
        "fcntl.flock = fcntl.lockf = refuse\n"
    )
    path = os.pathsep.join([str(home), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    _, out = run(sys.executable, "-c", PLACES, str(tmp_path / "data"), environment=environment)
    assert "LOCKS_MISSING" in codes(json.loads(out), "warning")


def test_a_server_without_the_extension_and_one_that_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first runs and is asked; the second's file is left for its owner to remove."""
    off = f"--ServerApp.jpserver_extensions={PACKAGE}=False"
    with running_server(tmp_path, arguments=[off]) as server:
        runtime = tmp_path / "home" / "runtime"
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
        (finding,) = examine_servers(lambda _: None)
        assert finding.code == "SERVER_WITHOUT_EXTENSION"
        server.kill()
        assert [found.code for found in examine_servers(lambda _: None)] == [
            "SERVER_INFO_STALE",
            "NO_SERVER",
        ]
        assert len(list(runtime.glob("jpserver-*.json"))) == 1
