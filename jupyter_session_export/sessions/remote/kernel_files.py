"""Files where a gateway runs the kernel: by way of the kernel itself, which must be Python's."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from ...errors import (
    FileMissing,
    InvalidName,
    NotSupported,
    RunFailed,
    SessionExportError,
)
from ...workspaces.names import new_parts
from ..asking import ask
from ..backend import Report
from ..link import KernelLink

CHUNK_BYTES = 2**20

DIGESTS = """
def _session_export_digests(paths):
    import hashlib, os
    found = []
    for path in paths:
        digest = hashlib.sha256() if os.path.isfile(path) else None
        if digest is not None:
            with open(path, "rb") as file:
                for chunk in iter(lambda: file.read(1 << 20), b""): digest.update(chunk)
        found.append(digest and digest.hexdigest())
    return found
"""
APPEND = """
def _session_export_append(path, text, last):
    import base64, os
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "ab") as file: file.write(base64.b64decode(text))
    if last is not None: os.replace(path, last)
"""
REMOVE = """
def _session_export_remove(path):
    import os
    if os.path.exists(path): os.remove(path)
"""
READ = """
def _session_export_read(path, start, size):
    import base64, os
    if not os.path.isfile(path): return None
    with open(path, "rb") as file:
        file.seek(start)
        return [base64.b64encode(file.read(size)).decode(), os.fstat(file.fileno()).st_size]
"""
LIST = """
def _session_export_list(folder):
    import os
    found = []
    for at, _, names in os.walk(folder or "."):
        found += [os.path.relpath(os.path.join(at, name)) for name in names]
    return sorted(found)
"""


class KernelFiles:
    """Paths are below the folder that the kernel began in. Nothing of it is in any record."""

    def __init__(self, link: Callable[[], KernelLink], folder: str) -> None:
        self._link, self._folder = link, folder

    async def digests(self, paths: Sequence[str]) -> dict[str, str | None]:
        """As `SessionFiles` says."""
        places = [self._place(path) for path in paths]
        found = await self._ask(DIGESTS, "_session_export_digests", places)
        return dict(zip(paths, found, strict=True))

    async def write(self, path: str, content: BinaryIO, size: int, report: Report) -> None:
        """As `SessionFiles` says."""
        place = self._place(path)
        unfinished = f"{place}.{secrets.token_hex(8)}.part"
        done, more = 0, True
        try:
            while more:
                chunk = await asyncio.to_thread(content.read, CHUNK_BYTES)
                done += len(chunk)
                more = done < size and bool(chunk)
                text, last = base64.b64encode(chunk).decode(), None if more else place
                await self._ask(APPEND, "_session_export_append", unfinished, text, last)
                report(done, size)
        except BaseException:
            with suppress(SessionExportError):
                await self._ask(REMOVE, "_session_export_remove", unfinished)
            raise

    async def read(self, path: str, into: BinaryIO, report: Report) -> None:
        """As `SessionFiles` says."""
        place, done, size = self._place(path), 0, 1
        while done < size:
            found = await self._ask(READ, "_session_export_read", place, done, CHUNK_BYTES)
            if found is None:
                raise FileMissing(f"The session has no file {path}.", "files() lists what it has.")
            chunk, size = base64.b64decode(found[0]), int(found[1])
            await asyncio.to_thread(into.write, chunk)
            done += len(chunk)
            report(done, size)
            if not chunk:
                return

    async def list(self, folder: str = "") -> Sequence[str]:
        """As `SessionFiles` says."""
        place = self._place(folder) if folder else self._folder
        found = await self._ask(LIST, "_session_export_list", place)
        prefix = f"{self._folder}/"
        return [str(path).removeprefix(prefix) for path in found]

    async def _ask(self, definition: str, name: str, *arguments: object) -> Any:
        link = self._link()
        if link.kernel.language != "python":
            raise NotSupported(
                "A gateway has no files of its own, so only Python kernels there take some."
            )
        given = ", ".join(repr(argument) for argument in arguments)
        call = f"__import__('json').dumps({name}({given}))"
        try:
            return await ask(link, definition, call)
        except RunFailed as error:
            raise FileMissing("The kernel can't do that with its files.", error.detail) from error

    def _place(self, path: str) -> str:
        if path.startswith("/"):
            raise InvalidName(
                f"{path} leads out of the session's folder.", "On a gateway there are no others."
            )
        return "/".join((self._folder, *new_parts(path)))
