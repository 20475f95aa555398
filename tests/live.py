"""Sessions that code begins over HTTP, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.servers import RunningServer

API = "session-export/api/"


@contextmanager
def owner(server: RunningServer) -> Iterator[httpx.Client]:
    """The owner's client; what sessions are left at the end are ended."""
    with server.client() as client:
        # Kernels start slowly on a busy machine.
        client.timeout = httpx.Timeout(240.0)
        yield client
        for session in listed(client):
            end(client, session["id"])


def post(client: httpx.Client, path: str, **body: Any) -> httpx.Response:
    return client.post(API + path, json=body)


def begin(client: httpx.Client, **wishes: Any) -> str:
    """Begin a session and return its id."""
    answer = post(client, "sessions", **wishes)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(answer.json()["id"])
    return str(answer.json()["id"])


def run(client: httpx.Client, session: str, code: str, **more: Any) -> dict[str, Any]:
    """Run code and return its result."""
    answer = post(client, f"sessions/{session}/run", code=code, **more)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def status(client: httpx.Client, session: str) -> dict[str, Any]:
    answer = client.get(f"{API}sessions/{session}/status")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def listed(client: httpx.Client) -> list[dict[str, Any]]:
    """Return the sessions that live."""
    found: list[dict[str, Any]] = client.get(f"{API}sessions?live=true").json()["sessions"]
    return found


def end(client: httpx.Client, session: str) -> None:
    post(client, f"sessions/{session}/end", shutdown_kernels=True).raise_for_status()


def folder(server: RunningServer, session: str) -> Path:
    """Return where a session's files are."""
    return server.data_dir() / "sessions" / session / "outputs"


@contextmanager
def streamed(
    client: httpx.Client,
    session: str,
    code: str,
    accept: str = "application/x-ndjson",
) -> Iterator[httpx.Response]:
    """Run code and follow it."""
    path = f"{API}sessions/{session}/run"
    with client.stream("POST", path, json={"code": code}, headers={"Accept": accept}) as answer:
        assert answer.status_code == 200
        yield answer


def refused(answer: httpx.Response, status: int, code: str) -> bool:
    """Tell whether a request was refused as it should be."""
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text
    assert set(told) == {"code", "message", "detail"}
    return True
