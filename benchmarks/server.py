"""A real Jupyter server of its own, isolated from the account's settings."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil

HOST = "127.0.0.1"
STARTS_WITHIN = 60.0
STOPS_WITHIN = 20.0
POLL_SECONDS = 0.01
LOG_CHARACTERS = 3000
EXTENSIONS = {
    "jupyter_archive": True,
    "jupyter_lsp": False,
    "jupyter_server_terminals": False,
    "jupyterlab": False,
    "notebook": False,
    "notebook_shim": False,
}
"""What the environment would load besides; ours is on or off as a benchmark asks."""


@dataclass(frozen=True, slots=True)
class JupyterServer:
    """A server that runs; `static` is a folder whose files it sends as they are."""

    port: int
    token: str
    process: psutil.Process
    home: Path
    static: Path

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}

    def call(self, method: str, path: str, body: object = None, timeout: float = 120) -> Any:
        """Make a JSON request; return the answer's JSON. Raises RuntimeError for a refusal."""
        connection = HTTPConnection(HOST, self.port, timeout=timeout)
        try:
            data = None if body is None else json.dumps(body)
            headers = {**self.headers, "Content-Type": "application/json"}
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:500]!r}")
        return json.loads(answer) if answer else None

    def cpu_seconds(self) -> float:
        """Return the processor time of the server itself, without its kernels."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def kernel_process(self, kernel_id: str) -> psutil.Process:
        """Return a kernel's process. Raises LookupError."""
        for child in self.process.children(recursive=True):
            with suppress(psutil.Error):
                if any(kernel_id in argument for argument in child.cmdline()):
                    return child
        raise LookupError(f"no process of kernel {kernel_id}")

    def connection_file(self, kernel_id: str) -> Path:
        return self.home / "runtime" / f"kernel-{kernel_id}.json"


@contextmanager
def jupyter_server(
    root: Path,
    home: Path,
    *,
    extension: bool = True,
    options: tuple[str, ...] = (),
    launcher: tuple[str, ...] = (),
    stops_within: float = STOPS_WITHIN,
) -> Iterator[JupyterServer]:
    """Run a server over `root` that keeps everything of its own below `home`.

    The same `home` and `root` later resume the session. A `launcher` is a program
    that starts the server; one that doesn't stop in time is killed. Raises
    RuntimeError when it doesn't start.
    """
    port, token = _free_port(), secrets.token_hex(16)
    static = home / "static"
    static.mkdir(parents=True, exist_ok=True)
    arguments = _arguments(root, static, port, extension)
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*launcher, *arguments, *options],
            env=_environment(home, token),
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    server = JupyterServer(port, token, psutil.Process(process.pid), home, static)
    try:
        _wait_until_it_answers(server, process)
        yield server
    except Exception:
        # What failed here is told best by the server.
        print(_end_of_log(home), file=sys.stderr)
        raise
    finally:
        _stop(process, stops_within)


def _arguments(root: Path, static: Path, port: int, extension: bool) -> list[str]:
    extensions = {**EXTENSIONS, "jupyter_session_export": extension}
    # One folder below `home` would do for all data, but the extension's own is asked for by name.
    return [
        sys.executable, "-m", "jupyter", "server",
        "--no-browser", "--allow-root",
        f"--ServerApp.ip={HOST}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}", f"--ServerApp.extra_static_paths={static}",
        f"--SessionExport.data_dir={static.parent / 'session_export'}",
        *(f"--ServerApp.jpserver_extensions={name}={on}" for name, on in extensions.items()),
    ]  # fmt: skip


def _environment(home: Path, token: str) -> Mapping[str, str]:
    private = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHON", "SESSION_TIMEOUT"))
    }
    folders = {name: str(home / folder) for name, folder in private.items()}
    return {**kept, **folders, "JUPYTER_TOKEN": token}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(server: JupyterServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, HTTPException):
            server.call("GET", "/api/status", timeout=5)
            return
        time.sleep(POLL_SECONDS)
    raise RuntimeError("the server did not start")


def _end_of_log(home: Path) -> str:
    return (home / "server.log").read_text(errors="replace")[-LOG_CHARACTERS:]


def _stop(process: subprocess.Popen[bytes], within: float) -> None:
    """End the server and, should it leave any, its kernels."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in psutil.wait_procs(family, timeout=3)[1]:
        with suppress(psutil.NoSuchProcess):
            child.kill()
