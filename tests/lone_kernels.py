"""Kernels that no Jupyter server starts, and what they recorded of themselves."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from .exporting import recorded_in
from .servers import isolated_environment

SECONDS = 60.0


@dataclass
class Ran:
    """What a client got for one execution."""

    status: str
    text: str


class LoneKernel:
    """A kernel and its client; a context manager."""

    def __init__(self, home: Path, environment: dict[str, str], log: Path) -> None:
        runtime = Path(environment["JUPYTER_RUNTIME_DIR"])
        self.id = str(uuid.uuid4())
        self.manager = KernelManager(connection_file=str(runtime / f"kernel-{self.id}.json"))
        # A restart uses it again.
        self._log = log.open("ab")
        self.manager.start_kernel(env=environment, cwd=str(home), stderr=self._log)
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)

    @property
    def pid(self) -> int:
        provisioner: Any = self.manager.provisioner
        return int(provisioner.pid)

    def run(self, code: str, **options: Any) -> Ran:
        """Execute code to its end."""
        texts: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                texts.append(message["content"]["text"])

        reply = self.client.execute_interactive(
            code, timeout=SECONDS, output_hook=hear, **{"allow_stdin": False, **options}
        )
        return Ran(reply["content"]["status"], "".join(texts))

    def begin(self, code: str, until: str) -> None:
        """Execute code, and wait only until it has printed something."""
        self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=SECONDS)
            if message["msg_type"] == "stream" and until in message["content"]["text"]:
                return

    def restart(self) -> None:
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=SECONDS)

    def __enter__(self) -> LoneKernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        self.manager.cleanup_resources()
        self._log.close()


class Home:
    """An account of its own, with kernels and the command line in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.work.mkdir(parents=True)
        self.environment = isolated_environment(folder)
        self.log = folder / "kernels.log"

    @property
    def data_dir(self) -> Path:
        return Path(self.environment["JUPYTER_DATA_DIR"]) / "session_export"

    def kernel(self, **environment: str) -> LoneKernel:
        """Start a kernel."""
        return LoneKernel(self.work, {**self.environment, **environment}, self.log)

    def command(self, *arguments: str) -> Any:
        """Run the command line; return what it reports."""
        command = [sys.executable, "-m", "jupyter", "session-export", *arguments, "--json"]
        done = subprocess.run(
            command,
            check=False,
            env=self.environment,
            cwd=self.work,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def spooled(self, text: str) -> bool:
        """Tell whether something that runs is on the disk."""
        spools = self.data_dir.glob("sessions/*/spool/*/journal.jsonl")
        return any(text.encode() in spool.read_bytes() for spool in spools)

    def sessions(self) -> list[dict[str, Any]]:
        """Return what `list` tells, by number."""
        listed: list[dict[str, Any]] = self.command("list")
        return sorted(listed, key=lambda session: session["number"])

    def exported(self, number: int = 1) -> list[dict[str, Any]]:
        """Return the executions of a session's ZIP, each with its source and what it printed."""
        archive = zipfile.ZipFile(self.command("export", str(number))["path"])
        return recorded_in(archive)
