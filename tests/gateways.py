"""Gateways that run kernels for a Jupyter server elsewhere: processes of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from .servers import free_port, isolated_environment

START_SECONDS = 60.0
KERNEL_GATEWAY = (sys.executable, "-m", "jupyter", "kernelgateway")
ENTERPRISE = ("jupyter_enterprise_gateway>=3.2", "ipykernel", "setuptools<81")
"""It pins versions of jupyter_client and jupyter_server that are too old for us."""


def enterprise_python(folder: Path) -> Path:
    """Make an environment that holds Enterprise Gateway and its kernels, and not our package."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *ENTERPRISE], check=True)
    return python


@contextlib.contextmanager
def running_gateway(
    folder: Path, command: Sequence[str] = KERNEL_GATEWAY, app: str = "KernelGatewayApp"
) -> Iterator[str]:
    """Run a gateway for as long as the block lasts; its URL is what a server is told."""
    port = free_port()
    environment = isolated_environment(folder / "gateway")
    log = folder / "gateway.log"
    arguments = [f"--{app}.ip=127.0.0.1", f"--{app}.port={port}", f"--{app}.port_retries=0"]
    arguments.append(
        "--JupyterWebsocketPersonality.list_kernels=True"
        if app == "KernelGatewayApp"
        else f"--{app}.list_kernels=True"
    )
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*command, *arguments], env=environment, cwd=folder, stdout=out, stderr=out
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/api", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the gateway did not start:\n{log.read_text()[-4000:]}")
