"""The files of a session on a Jupyter server, by its contents API."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Sequence
from typing import Any, BinaryIO

from ...errors import FileMissing, InvalidName, ServerRefused
from ...workspaces.names import new_parts
from ..backend import Report
from .server import Server, quoted

CHUNK_BYTES = 3 * 2**20
"""Of content; as base64 it is a third more."""
ASKED_AT_ONCE = 8


class ContentsFiles:
    """Files below a folder of the server's root; the server sees to it that no link leads out."""

    def __init__(self, server: Server, folder: str) -> None:
        self._server, self._folder = server, folder

    async def digests(self, paths: Sequence[str]) -> dict[str, str | None]:
        """As `SessionFiles` says; None also where the server is too old to tell."""
        found: dict[str, str | None] = {}
        for start in range(0, len(paths), ASKED_AT_ONCE):
            some = paths[start : start + ASKED_AT_ONCE]
            found.update(zip(some, await asyncio.gather(*map(self._digest, some)), strict=True))
        return found

    async def write(self, path: str, content: BinaryIO, size: int, report: Report) -> None:
        """As `SessionFiles` says."""
        parts = self._parts(path)
        for depth in range(1, len(parts)):
            await self.make_folder("/".join(parts[:depth]))
        # Not hidden: servers refuse such names by default.
        unfinished = "/".join((*parts[:-1], f"session_export-{secrets.token_hex(8)}.part"))
        try:
            await self._send(unfinished, content, size, report)
            await self._replace(unfinished, path)
        except BaseException:
            await self._remove(unfinished)
            raise

    async def read(self, path: str, into: BinaryIO, report: Report) -> None:
        """As `SessionFiles` says."""
        place = self._below(path)
        try:
            async with self._server.stream(f"files/{quoted(place)}") as response:
                size, done = int(response.headers.get("Content-Length", 0)), 0
                async for chunk in response.aiter_raw():
                    await asyncio.to_thread(into.write, chunk)
                    done += len(chunk)
                    report(done, size)
        except ServerRefused as error:
            raise FileMissing(f"The session has no file {path}.", error.message) from error

    async def list(self, folder: str = "") -> Sequence[str]:
        """As `SessionFiles` says."""
        route = self._route(folder) if folder else f"api/contents/{quoted(self._folder)}"
        model = await self._server.json("GET", f"{route}?content=1&type=directory")
        found: list[str] = []
        for entry in model["content"]:
            path = f"{folder}/{entry['name']}".lstrip("/")
            found += await self.list(path) if entry["type"] == "directory" else [path]
        return sorted(found)

    async def make_folder(self, path: str = "") -> None:
        """Make a folder below, or the session's own, where it is missing."""
        place = self._below(path) if path else self._folder
        await self._server.json("PUT", f"api/contents/{quoted(place)}", json={"type": "directory"})

    async def remove_if_empty(self) -> None:
        """Remove the session's own folder unless there is something in it."""
        try:
            if not await self.list():
                await self._server.json("DELETE", f"api/contents/{quoted(self._folder)}")
        except ServerRefused:
            # It has gone, or the server keeps it.
            return

    async def _send(self, path: str, content: BinaryIO, size: int, report: Report) -> None:
        done, number, more = 0, 1, True
        while more:
            chunk = await asyncio.to_thread(content.read, CHUNK_BYTES)
            done += len(chunk)
            more = done < size and bool(chunk)
            model: dict[str, Any] = {
                "type": "file",
                "format": "base64",
                "content": base64.b64encode(chunk).decode(),
            }
            if number > 1 or more:
                model["chunk"] = number if more else -1
            await self._server.json("PUT", self._route(path), json=model)
            number += 1
            report(done, size)

    async def _replace(self, unfinished: str, path: str) -> None:
        """Have the new file in the place of an old one, which comes back if that fails."""
        if not await self._is_there(path):
            await self._rename(unfinished, path)
            return
        old = f"{unfinished}.old"
        await self._rename(path, old)
        try:
            await self._rename(unfinished, path)
        except BaseException:
            await self._rename(old, path)
            raise
        await self._remove(old)

    async def _rename(self, path: str, to: str) -> None:
        await self._server.json("PATCH", self._route(path), json={"path": self._below(to)})

    async def _is_there(self, path: str) -> bool:
        return await self._server.status(f"{self._route(path)}?content=0") == 200

    async def _remove(self, path: str) -> None:
        if await self._is_there(path):
            await self._server.json("DELETE", self._route(path))

    async def _digest(self, path: str) -> str | None:
        route = f"{self._route(path)}?content=0&hash=1&type=file"
        try:
            model = await self._server.json("GET", route)
        except ServerRefused:
            return None
        return model.get("hash") if model.get("hash_algorithm") == "sha256" else None

    def _route(self, path: str) -> str:
        return f"api/contents/{quoted(self._below(path))}"

    def _below(self, path: str) -> str:
        return "/".join((self._folder, *self._parts(path)))

    def _parts(self, path: str) -> tuple[str, ...]:
        if path.startswith("/"):
            raise InvalidName(
                f"{path} leads out of the session's folder.", "A server's files have no others."
            )
        return new_parts(path)
