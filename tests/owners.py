"""People with logins of their own, on a server in owner mode "identity"."""

from __future__ import annotations

from typing import Any

import httpx

from .servers import RunningServer


class Person:
    """A browser: it keeps the login cookie that the server gave it."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self._client = server.client()
        self._client.get("api/status").raise_for_status()
        # The first request has no identity that lasts yet; from here on the cookie is one.
        self.name = self._client.get("api/me").json()["identity"]["username"]

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call one of our routes."""
        return self._client.request(method, f"session-export/api/{path}", **options)

    def start_kernel(self, path: str) -> str:
        """Begin a Jupyter session for a notebook and return its kernel's id."""
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        answer = self._client.post("api/sessions", json=body)
        answer.raise_for_status()
        return str(answer.json()["kernel"]["id"])

    @property
    def session_id(self) -> str:
        return str(self.api("GET", "session").json()["id"])
