"""A small real HTTP server that keeps the contract of our routes: TCP, TLS, a UNIX socket."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets, bind_unix_socket

KEY = "the-key"
SESSION_ID = "5" * 32


def small_zip() -> bytes:
    """A ZIP with two executions and a README."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("executions/README.txt", "read me")
        archive.writestr("executions/execution_1_aaaaaaaa/metadata.json", "{}")
        archive.writestr("executions/execution_1_aaaaaaaa/stdout.txt", "hello")
        archive.writestr("executions/execution_2_bbbbbbbb/metadata.json", "{}")
        archive.writestr("README.txt", "read me")
    return buffer.getvalue()


@dataclass
class Script:
    """What the server does; tests set it, and read what came in.

    `polls` are the states that a job goes through, the last one stays. A download is
    "whole", "cut" (the connection ends in the middle) or "held" (it waits there). A DELETE
    is "done", "refused" or "held".
    """

    zip: bytes = field(default_factory=small_zip)
    filename: str = "session_export_2026-01-31.zip"
    polls: list[str] = field(default_factory=lambda: ["preparing", "ready"])
    error: dict[str, Any] | None = None
    left_out: int = 0
    download: str = "whole"
    delete: str = "done"
    answer: tuple[int, str] | None = None
    silent: bool = False
    requests: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    purges: list[dict[str, str]] = field(default_factory=list)
    held: bool = False
    running: int = 1
    cancelled: threading.Event = field(default_factory=threading.Event)

    def job(self, state: str) -> dict[str, Any]:
        ready = state == "ready"
        return {
            "id": "job1",
            "session_id": SESSION_ID,
            "state": state,
            "filename": self.filename,
            "bytes": len(self.zip) if ready else None,
            "left_out": self.left_out,
            "progress": {
                "stage": state,
                "percent": 100.0 if ready else 40.0,
                "entries_done": 2,
                "entries_total": 5,
                "bytes_done": 400,
                "bytes_total": 1000,
                "elapsed": 0.1,
                "remaining": 0.2,
            },
            "error": self.error if state in ("failed", "cancelled") else None,
        }


class _Handler(web.RequestHandler):
    def initialize(self, script: Script) -> None:
        self.script = script

    async def prepare(self) -> None:
        self.script.requests.append((self.request.method or "", self.request.path))
        if self.script.silent:
            await asyncio.Event().wait()
        if self.script.answer:
            status, body = self.script.answer
            self.set_status(status)
            self.finish(body)
        elif self.request.headers.get("Authorization") != f"JupyterSessionExport {KEY}":
            self.refuse(403, "FORBIDDEN", "This key opens nothing here.")

    def refuse(self, status: int, code: str, message: str) -> None:
        self.set_status(status)
        self.finish({"code": code, "message": message, "detail": None})

    def get(self, route: str) -> None:
        if route == "session":
            self.finish({"id": SESSION_ID, "number": 42})
        elif route == "session/stats":
            self.finish({"executions": 2, "bytes": {"stdout": 5}})
        elif route == "exports/job1":
            polls = self.script.polls
            self.finish(self.script.job(polls.pop(0) if len(polls) > 1 else polls[0]))
        else:
            self.refuse(404, "EXPORT_NOT_FOUND", "There is no such export.")

    def post(self, route: str) -> None:
        self.script.bodies.append(json.loads(self.request.body))
        if route == "session/recording":
            state = self.script.bodies[-1]["state"]
            self.finish({"recording": {"state": state, "reason": None}})
            return
        self.set_status(201)
        self.finish(self.script.job("preparing"))

    async def delete(self, route: str) -> None:
        if route == "session/records":
            self.script.purges.append(
                {name: self.get_query_argument(name) for name in self.request.query_arguments}
            )
            removed = {"executions": 2, "running": self.script.running, "bytes": 1500}
            self.finish({"removed": removed, "held_by_export": self.script.held})
            return
        self.script.cancelled.set()
        if self.script.delete == "held":
            await asyncio.Event().wait()
        if self.script.delete == "refused":
            self.refuse(404, "EXPORT_NOT_FOUND", "There is no such export.")
            return
        self.finish(self.script.job("cancelled"))


class _Download(_Handler):
    async def get(self) -> None:  # type: ignore[override]
        content = self.script.zip
        self.set_header("Content-Length", str(len(content)))
        if self.script.download == "whole":
            self.finish(content)
            return
        self.write(content[:50])
        await self.flush()
        if self.script.download == "held":
            await asyncio.Event().wait()
        self._finished = True
        self.request.connection.stream.close()  # type: ignore[union-attr]


@dataclass(frozen=True)
class Running:
    """A server that listens: its base URL and its script."""

    url: str
    script: Script

    def access(self, **more: Any) -> dict[str, Any]:
        """The JSON that a kernel gets."""
        return {"url": self.url, "key": KEY, "session_id": SESSION_ID, "files": None, **more}


@contextmanager
def serving(socket: Path | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Running]:
    """Run the server in a thread of its own."""
    script = Script()
    loop = asyncio.new_event_loop()
    started: list[Running] = []
    ready = threading.Event()

    async def start() -> HTTPServer:
        routes = [
            (r"/base/session-export/api/exports/job1/download", _Download, {"script": script}),
            (r"/base/session-export/api/(.*)", _Handler, {"script": script}),
        ]
        application = web.Application(routes, log_function=lambda handler: None)
        server = HTTPServer(application, ssl_options=tls)
        server.add_sockets(
            [bind_unix_socket(str(socket))] if socket else bind_sockets(0, "127.0.0.1")
        )
        started.append(Running(_url(server, socket, tls), script))
        ready.set()
        return server

    async def stop(server: HTTPServer) -> None:
        server.stop()
        await server.close_all_connections()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(stop(server))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(10)
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def _url(server: HTTPServer, socket: Path | None, tls: ssl.SSLContext | None) -> str:
    if socket:
        return f"http+unix://{quote(str(socket), safe='')}/base/"
    port = next(iter(server._sockets.values())).getsockname()[1]
    return f"{'https' if tls else 'http'}://127.0.0.1:{port}/base/"
