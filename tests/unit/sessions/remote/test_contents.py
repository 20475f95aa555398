"""Files by a server's contents API, over a server that is none."""

from __future__ import annotations

import base64
import io
from typing import Any, cast

import pytest

from jupyter_session_export.errors import ServerRefused
from jupyter_session_export.sessions.remote.contents import ContentsFiles
from jupyter_session_export.sessions.remote.server import Server


class FakeServer:
    """Keeps files in memory; `fails` is the path to which nothing can be renamed, once."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.fails: str | None = None

    async def status(self, route: str) -> int:
        return 200 if _path(route) in self.files else 404

    async def json(self, method: str, route: str, json: Any = None) -> Any:
        path = _path(route)
        if method == "PUT":
            self.files[path] = base64.b64decode(json["content"])
        elif method == "DELETE":
            del self.files[path]
        else:
            self._rename(path, json["path"])

    def _rename(self, path: str, to: str) -> None:
        if to == self.fails:
            self.fails = None
            raise ServerRefused("The server is full.")
        assert to not in self.files
        self.files[to] = self.files.pop(path)


def _path(route: str) -> str:
    return route.removeprefix("api/contents/").partition("?")[0]


async def write(server: FakeServer, content: bytes) -> None:
    files = ContentsFiles(cast("Server", server), "mine")
    await files.write("a.txt", io.BytesIO(content), len(content), lambda done, size: None)


async def test_a_new_file_takes_the_place_of_an_old_one() -> None:
    """Nothing else is left."""
    server = FakeServer()
    await write(server, b"old")
    await write(server, b"new")
    assert server.files == {"mine/a.txt": b"new"}


async def test_what_can_not_be_replaced_stays() -> None:
    """A server that fails in the middle costs nothing: the old file is there again."""
    server = FakeServer()
    await write(server, b"old")
    server.fails = "mine/a.txt"
    with pytest.raises(ServerRefused):
        await write(server, b"new")
    assert server.files == {"mine/a.txt": b"old"}
