"""A data folder that can't be written: kernels, files and the server go on, and it is told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.exporting import executions, one_shot
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until


def assert_jupyter_works(server: RunningServer) -> None:
    """Run a cell, save a notebook, restart a kernel."""
    kernel_id = server.start_kernel(path="works.ipynb")
    with KernelSocket(server, kernel_id) as kernel:
        assert kernel.run("print('works')").stream("stdout") == "works\n"
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    with server.client() as client:
        saved = client.put(
            "api/contents/works.ipynb", json={"type": "notebook", "content": notebook}
        )
        assert saved.status_code in (200, 201)
        assert client.post(f"api/kernels/{kernel_id}/restart").status_code == 200
        assert client.get("api/status").status_code == 200
    with KernelSocket(server, kernel_id) as kernel:
        assert kernel.run("print('again')").stream("stdout") == "again\n"


def warnings_in(server: RunningServer) -> list[str]:
    """Return the log's warnings and errors about recording; Jupyter logs refused requests, too."""
    lines = server.log.read_text().splitlines()
    return [line for line in lines if line[:3] in ("[W ", "[E ") and "ecord" in line]


@pytest.mark.parametrize("obstacle", ["a file", "a read-only file system"])
def test_a_data_folder_that_cannot_be_made(obstacle: str, tmp_path: Path) -> None:
    """Requests get a code, the log one warning, and the magic a line; nothing else changes."""
    data_dir = tmp_path / "data"
    if obstacle == "a file":
        data_dir.write_text("no folder")
    else:
        data_dir = Path("/proc/session_export")
    with running_server(tmp_path, arguments=[f"--SessionExport.data_dir={data_dir}"]) as server:
        assert_jupyter_works(server)
        for path in ("session", "session/stats", "session/download", "sessions"):
            answer = server.api("GET", path)
            assert answer.status_code == 507
            assert answer.json()["code"] == "STORE_UNAVAILABLE"
            assert answer.json()["detail"]
        with KernelSocket(server, server.start_kernel(path="other.ipynb")) as kernel:
            run = kernel.run("%session_export")
        assert run.stream("stderr").endswith("[NO_RECORDING_SERVER]\n")
        told = warnings_in(server)
        assert len(told) == 1, told
        assert "Traceback" not in server.log.read_text()


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    """Mount a file system of 16 MiB."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def recording(server: RunningServer) -> dict[str, Any]:
    state: dict[str, Any] = server.api("GET", "session").json()["recording"]
    return state


def test_a_disk_that_fills_up_stops_the_recording_only(tmp_path: Path) -> None:
    """It says stopped and why, warns once, goes on when there is room, and notes the gap."""
    with small_disk(tmp_path / "disk") as disk:
        arguments = [f"--SessionExport.data_dir={disk / 'data'}"]
        with running_server(tmp_path, arguments=arguments) as server:
            with KernelSocket(server, server.start_kernel()) as kernel:
                kernel.run("print('before')")
                assert recording(server)["state"] == "on"
                filling = disk / "filling"
                _fill(filling)
                kernel.run("import os; print(os.urandom(500_000).hex())")
                state = wait_until(
                    lambda: (found := recording(server))["state"] == "stopped" and found
                )
                assert state["reason"]
                assert_jupyter_works(server)
                assert len(warnings_in(server)) == 1, warnings_in(server)
                filling.unlink()
                wait_until(lambda: recording(server)["state"] == "on")
                kernel.run("print('after')")
            archive = one_shot(server)
            printed = [
                archive.read(f"{one['folder']}/stdout.txt")
                for one in executions(archive)
                if f"{one['folder']}/stdout.txt" in archive.namelist()
            ]
            assert printed[0] == b"before\n"
            assert printed[-1] == b"after\n"
            assert "recording.gap" in archive.read("logs/activity_log.jsonl").decode()


def _fill(path: Path) -> None:
    """Take all room that there is."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return
