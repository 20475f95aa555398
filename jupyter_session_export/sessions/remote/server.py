"""A Jupyter server's own REST API, which gateways have as well."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import httpx

from ...client.access import Access
from ...client.failures import refuse, translated
from ...client.transport import connect_async
from ...errors import ServerRefused

FOLDER = "session_export_sessions"
"""Where sessions have their folders on a server, each with the time of its beginning."""
PLACE = re.compile(r"(?:^|/)(\d{8}T\d{6})Z-[0-9a-f]{8}(?:/([^/]*))?$")
STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Row:
    """A session as a server lists it."""

    id: str
    path: str
    kernel_id: str
    kernel_name: str

    @classmethod
    def of(cls, model: Mapping[str, Any]) -> Row:
        """Read a model; gateways have the path elsewhere. Raises KeyError or TypeError."""
        path = model["path"] if "path" in model else model["notebook"]["path"]
        return cls(str(model["id"]), str(path), model["kernel"]["id"], model["kernel"]["name"])

    @property
    def begun_at(self) -> datetime | None:
        """When a session of ours began; None where it is somebody else's."""
        found = PLACE.search(self.path)
        if found is None:
            return None
        return datetime.strptime(found[1], STAMP).replace(tzinfo=timezone.utc)

    @property
    def name(self) -> str | None:
        found = PLACE.search(self.path)
        return found[2] or None if found else None


class Server:
    """Every call raises ServerUnreachable or ServerRefused; the latter has the server's status."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._http = connect_async(access)

    async def close(self) -> None:
        await self._http.aclose()

    async def kernelspecs(self) -> dict[str, str]:
        """Return the language of each kernel that is installed there."""
        found = await self.json("GET", "api/kernelspecs")
        with translated(self.access.url):
            specs = found["kernelspecs"].items()
            return {name: str(spec["spec"]["language"]) for name, spec in specs}

    async def begin(self, path: str, name: str, kernel: str) -> Row:
        """Begin a session, and start its kernel."""
        body = {"path": path, "name": name, "type": "session", "kernel": {"name": kernel}}
        found = await self.json("POST", "api/sessions", json=body)
        with translated(self.access.url):
            return Row.of(found)

    async def find(self, session_id: str) -> Row | None:
        """Return a session; None where there is none."""
        try:
            found = await self.json("GET", f"api/sessions/{session_id}")
        except ServerRefused:
            return None
        with translated(self.access.url):
            return Row.of(found)

    async def list(self) -> list[Row]:
        """Return all sessions."""
        found = await self.json("GET", "api/sessions")
        with translated(self.access.url):
            return [Row.of(model) for model in found]

    async def end(self, session_id: str) -> None:
        """End a session, and its kernel."""
        await self.json("DELETE", f"api/sessions/{session_id}")

    async def json(self, method: str, route: str, **options: Any) -> Any:
        """Call a route and return its answer; None where that is empty."""
        with translated(self.access.url):
            response = await self._http.request(method, route, **options)
            refuse(response)
            return response.json() if response.content else None

    async def status(self, route: str) -> int:
        """Return the status of a route."""
        with translated(self.access.url):
            return (await self._http.get(route)).status_code

    @asynccontextmanager
    async def stream(self, route: str) -> AsyncIterator[httpx.Response]:
        """Yield an answer whose body is still to be read."""
        with translated(self.access.url):
            async with self._http.stream("GET", route) as response:
                if not response.is_success:
                    await response.aread()
                refuse(response)
                yield response


def quoted(path: str) -> str:
    """Return a path for a URL."""
    return quote(path.encode("utf-8", "surrogatepass"))
