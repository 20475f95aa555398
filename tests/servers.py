"""Real Jupyter servers for tests: a process of its own, isolated folders, a free loopback port."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import websocket

from .doors import Door

START_SECONDS = 180.0
"""Generous: a busy machine may take long to start one that recovers what a crash has left."""
RECEIVED = b"received signal 15, stopping"
QUIET = Path(__file__).parent / "jupyter"
"""Configuration that turns off what other packages turn on where they are installed."""
QUICK = QUIET.with_name("quick")
"""Modules that stand in for others, so that programs start quickly."""
BARE = QUIET.with_name("jupyter_bare")
"""Turns off what only pages need."""


def isolated_environment(home: Path) -> dict[str, str]:
    """Return an environment whose Jupyter and IPython folders are all below `home`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHON", "SESSION_TIMEOUT"))
    }
    folders = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    folders["JUPYTER_CONFIG_PATH"] = QUIET
    code = os.pathsep.join(filter(None, [str(QUICK), kept.get("PYTHONPATH")]))
    return {**kept, **{name: str(path) for name, path in folders.items()}, "PYTHONPATH": code}


class RunningServer:
    """A Jupyter server process and how to talk to it."""

    def __init__(self, home: Path, root: Path, *, app: str = "server", **options: Any) -> None:
        self.home, self.root = home, root
        self.log = home / "server.log"
        self.base_url = options.pop("base_url", "/")
        self.arguments = [str(argument) for argument in options.pop("arguments", [])]
        self.door: Door = options.pop("door", None) or Door(token=secrets.token_hex(16))
        self.token = self.door.token
        self.environment = isolated_environment(home)
        if app == "server":
            self.environment["JUPYTER_CONFIG_PATH"] = f"{BARE}{os.pathsep}{QUIET}"
        self.environment |= options.pop("environment", {})
        self.launcher: list[str] = options.pop("launcher", [])
        self.python = options.pop("python", sys.executable)
        assert not options, options
        self.app = app
        self.port = free_port()
        self.url = self.door.url(self.port) + self.base_url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> RunningServer:
        """Start it and wait until it answers."""
        command = [*self.launcher, str(self.python)]
        command += ["-m", "jupyter", self.app, "--no-browser", "--allow-root"]
        command += [
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.base_url={self.base_url}",
            *self.door.arguments(self.port),
            *self.arguments,
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=self.root, stdout=log, stderr=log
            )
        self._wait()
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            if self.door.is_open(self.port):
                with contextlib.suppress(httpx.TransportError), self.stranger() as client:
                    if client.get("api").status_code < 500:
                        return
            time.sleep(0.1)
        self.stop()
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def stranger(self, **options: Any) -> httpx.Client:
        """Return an HTTP client that nobody knows, relative to the base URL."""
        return httpx.Client(
            base_url=self.url, transport=self.door.transport(), timeout=60.0, **options
        )

    def client(self, **options: Any) -> httpx.Client:
        """Return an HTTP client with the token; one that signs in where there is none."""
        if not self.token:
            return self.browser()
        return self.stranger(headers={"Authorization": f"token {self.token}"}, **options)

    def browser(self) -> httpx.Client:
        """Return an HTTP client of a person who has just signed in: it has cookies only."""
        with self.stranger() as visitor:
            self.door.sign_in(visitor)
        return self.stranger(cookies=visitor.cookies, headers=visitor.headers)

    def websocket(
        self, path: str, *, client: httpx.Client | None = None, timeout: float
    ) -> websocket.WebSocket:
        """Open a websocket, with the token or as the person whose client it is."""
        if client is None and not self.token:
            client = self.browser()
        return self.door.websocket(f"{self.url}{path}", client, timeout)

    def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call one of our routes."""
        with self.client() as client:
            return client.request(method, f"session-export/api/{path}", **options)

    def start_kernel(
        self,
        name: str = "python3",
        path: str = "notebook.ipynb",
        *,
        kernel_id: str | None = None,
        client: httpx.Client | None = None,
    ) -> str:
        """Begin a Jupyter session for a notebook, on a kernel of its own or that runs already.

        Return the kernel's id.
        """
        file = path.rpartition("/")[2]
        kernel = {"id": kernel_id} if kernel_id else {"name": name}
        body = {"path": path, "name": file, "type": "notebook", "kernel": kernel}
        with contextlib.nullcontext(client) if client else self.client() as asking:
            # Escaped, so that any name gets through, also one with lone surrogates.
            answer = asking.post("api/sessions", content=json.dumps(body))
        answer.raise_for_status()
        return str(answer.json()["kernel"]["id"])

    def stop(self) -> None:
        """Shut it down with its kernels; kill it if it doesn't."""
        if self.process is None:
            return
        if self.process.poll() is None:
            with contextlib.suppress(httpx.HTTPError), self.client() as client:
                for kernel in client.get("api/kernels").json():
                    client.delete(f"api/kernels/{kernel['id']}")
        try:
            self.end(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def end(self, seconds: float) -> int:
        """Have SIGTERM end it, and return its exit code. Raises TimeoutExpired.

        It is sent again where the server lost it: its handler begins with a line in the log,
        which fails where the signal has interrupted the writing of another.
        """
        assert self.process is not None
        told = self.log.stat().st_size
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            if RECEIVED not in self.log.read_bytes()[told:]:
                self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(min(5, seconds))
        return self.process.wait(0)

    def kill(self) -> None:
        """End it as a crash would; its kernels notice by themselves."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def data_dir(self) -> Path:
        """The folder of the recorded sessions."""
        return self.home / "data" / "session_export"

    def access(self) -> dict[str, Any]:
        """Return the access file of the only session."""
        (path,) = self.data_dir().glob("sessions/*/access.json")
        data: dict[str, Any] = json.loads(path.read_text())
        return data


def free_port() -> int:
    """Return a port that nobody listens on, and that no system gives to anybody by itself.

    One that the system has just given away may be the next kernel's before its server binds it.
    """
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def running_server(tmp_path: Path, **options: Any) -> Iterator[RunningServer]:
    """Run a server for as long as the block lasts."""
    root = options.pop("root", tmp_path / "root")
    root.mkdir(parents=True, exist_ok=True)
    prepare = options.pop("prepare", None)
    server = RunningServer(tmp_path / "home", root, **options)
    if prepare is not None:
        prepare(server)
    try:
        yield server.start()
    finally:
        server.stop()
