"""Make exports over HTTP, as the button does, and look into their ZIPs."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

from .servers import RunningServer

SECONDS = 60.0


def prepared(server: RunningServer, *, patience: float = SECONDS, **request: Any) -> dict[str, Any]:
    """Begin an export and follow it to its end, for so many seconds; return the job."""
    answer = server.api("POST", "exports", json=request)
    assert answer.status_code == 201, answer.text
    job: dict[str, Any] = answer.json()
    deadline = time.monotonic() + patience
    while job["state"] == "preparing" and time.monotonic() < deadline:
        time.sleep(0.05)
        job = server.api("GET", f"exports/{job['id']}").json()
    return job


def export(server: RunningServer, **request: Any) -> zipfile.ZipFile:
    """Prepare an export and return its ZIP."""
    job = prepared(server, **request)
    assert job["state"] == "ready", job
    answer = server.api("GET", f"exports/{job['id']}/download")
    assert answer.status_code == 200, answer.text
    assert len(answer.content) == job["bytes"]
    return zipfile.ZipFile(io.BytesIO(answer.content))


def one_shot(server: RunningServer, **query: Any) -> zipfile.ZipFile:
    """Download the one-shot ZIP."""
    answer = server.api("GET", "session/download", params=query)
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


def executions(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return the metadata of each execution in a ZIP, by number, with its folder."""
    found = [
        {**json.loads(archive.read(name)), "folder": name.rpartition("/")[0]}
        for name in archive.namelist()
        if name.startswith("executions/") and name.endswith("/metadata.json")
    ]
    return sorted(found, key=lambda metadata: int(metadata["number"]))


def recorded_in(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return executions with their `source` and `stdout`."""
    names = archive.namelist()

    def content(one: dict[str, Any], name: str) -> str:
        path = f"{one['folder']}/{name}"
        return archive.read(path).decode() if path in names else ""

    return [
        {
            **one,
            "source": content(one, f"source{one['kernel']['file_extension']}"),
            "stdout": content(one, "stdout.txt"),
        }
        for one in executions(archive)
    ]


def of_kernel(server: RunningServer, kernel_id: str) -> list[dict[str, Any]]:
    """Return the executions of one kernel, with what they printed and their source."""
    return [one for one in recorded_in(one_shot(server)) if one["kernel"]["id"] == kernel_id]


def own_files(server: RunningServer) -> Path:
    """Return a folder of the session's own files."""
    session = server.api("GET", "session").json()["id"]
    folder = server.data_dir() / "sessions" / session / "outputs" / "bulk"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def manifest(archive: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """Return the lines of manifest.json by path."""
    lines = json.loads(archive.read("manifest.json"))["entries"]
    return {line["path"]: line for line in lines}
