"""Our routes, as a client uses them."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from .server import JupyterServer

API = "/session-export/api"
PREPARED_WITHIN = 300.0
QUIET_SECONDS = 0.6
QUIET_SHARE = 0.05
SETTLES_WITHIN = 120.0


def one_shot(**query: str) -> str:
    """Return the route of a ZIP that is streamed while it is made."""
    return f"{API}/session/download" + (f"?{urlencode(query)}" if query else "")


def prepare(server: JupyterServer, **body: Any) -> tuple[str, float]:
    """Prepare an export; return the route of its ZIP and the seconds until it was ready."""
    began = time.perf_counter()
    job = server.call("POST", f"{API}/exports", body)
    deadline = began + PREPARED_WITHIN
    while job["state"] == "preparing" and time.perf_counter() < deadline:
        time.sleep(0.01)
        job = server.call("GET", f"{API}/exports/{job['id']}")
    if job["state"] != "ready":
        raise RuntimeError(f"the export is {job['state']}: {job.get('error')}")
    return f"{API}/exports/{job['id']}/download", time.perf_counter() - began


def wait_until_recorded(server: JupyterServer) -> None:
    """Wait until the server has nothing left to do, since it seals what ran after it ran."""
    deadline = time.monotonic() + SETTLES_WITHIN
    while time.monotonic() < deadline:
        before = server.cpu_seconds()
        time.sleep(QUIET_SECONDS)
        if server.cpu_seconds() - before <= QUIET_SECONDS * QUIET_SHARE:
            return
