"""A Jupyter server of the demo's own, which leaves this account's settings and data alone."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

START_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.1


class ServerFailed(Exception):
    """The server did not start, or refused what the demo needs."""


class DemoServer:
    """The server process, from entering the block to leaving it."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{_free_port()}/"
        self._folder = folder
        self._root = root
        self._log = folder / "server.log"

    def __enter__(self) -> DemoServer:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own arguments
                self._command(), env=self._environment(), cwd=self._root, stdout=log, stderr=log
            )
        try:
            self._wait()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def http(self) -> httpx.Client:
        """Return a client that is signed in."""
        headers = {"Authorization": f"token {self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=60)

    def _command(self) -> list[str]:
        port = httpx.URL(self.url).port
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self._root,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "IdentityProvider.token": self.token,
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        return [sys.executable, "-m", "jupyter_server", *arguments]

    def _environment(self) -> dict[str, str]:
        foreign = ("JUPYTER", "JPY_", "IPYTHON")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        return {**kept, **{name: str(self._folder / name.lower()) for name in names}}

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(httpx.TransportError), self.http() as http:
                answer = http.get("session-export/api/session")
                if answer.is_success:
                    return
                raise ServerFailed(
                    f"The server runs, but not its jupyter_session_export ({answer.status_code}).\n"
                    + self._last_words()
                )
            time.sleep(POLL_SECONDS)
        raise ServerFailed("The server did not start.\n" + self._last_words())

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-20:])

    def _stop(self) -> None:
        """Ask it to shut down with its kernels; be firmer where it doesn't."""
        with suppress(httpx.HTTPError), self.http() as http:
            http.post("api/shutdown").raise_for_status()
            if self._ended():
                return
        self._process.terminate()
        if not self._ended():
            self._process.kill()
            self._process.wait()

    def _ended(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        return self._process.poll() is not None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
