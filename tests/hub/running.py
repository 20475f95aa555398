"""A real JupyterHub behind its real proxy: processes of their own, isolated folders, free ports."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import psutil

from tests.servers import free_port, isolated_environment

from . import proxy

CONFIG = Path(__file__).with_name("jupyterhub_config.py")
START_SECONDS = 60.0
STOP_SECONDS = 30.0
PREFIX = "/hub-prefix/"


class RunningHub:
    """A Hub that is reached through its proxy at `url`, whose path isn't "/".

    The server of `shared` may be used by `guests` too.
    """

    app = "lab"

    def __init__(self, folder: Path, shared: str, guests: Sequence[str]) -> None:
        self.folder = folder
        self.shared, self.guests = shared, list(guests)
        self.log = folder / "hub.log"
        self.origin = f"http://127.0.0.1:{free_port()}"
        self.url = self.origin + PREFIX
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> RunningHub:
        """Start it and wait until it answers through its proxy."""
        told = {
            "url": self.url,
            "hub_url": f"http://127.0.0.1:{free_port()}",
            "proxy_api_url": f"http://127.0.0.1:{free_port()}",
            "proxy": proxy.command(),
            "folder": str(self.folder),
            "shared": self.shared,
            "guests": self.guests,
        }
        environment = {**isolated_environment(self.folder / "hub"), "TEST_HUB": json.dumps(told)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", CONFIG],
                env=environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self._wait(self._process)
        return self

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}hub/api", trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        self.stop()
        raise AssertionError(f"the Hub did not start:\n{self.log.read_text()[-4000:]}")

    def home(self, name: str) -> Path:
        """Return the home of an account."""
        return self.folder / name

    def root(self, name: str) -> Path:
        """Return the folder that an account's server serves."""
        return self.home(name) / "work"

    def stop(self) -> None:
        """End it with its proxy and all servers; kill what is left of them."""
        if self._process is None:
            return
        family = []
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self._process.pid).children(recursive=True)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for left in psutil.wait_procs(family, timeout=3)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()


@contextlib.contextmanager
def running_hub(folder: Path, *, shared: str, guests: Sequence[str]) -> Iterator[RunningHub]:
    """Run a Hub for as long as the block lasts."""
    hub = RunningHub(folder, shared, guests)
    try:
        yield hub.start()
    finally:
        hub.stop()
