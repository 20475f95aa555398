"""Engines and the thread that they live on: one for this machine, one for each server."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import re
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, wait
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit, urlunsplit

from ..client.access import Access
from ..errors import SessionExportError
from ..settings import SessionExport, load_settings
from .backend import Backend
from .background import BackgroundLoop
from .batch import MOST_SESSIONS, Batch
from .engine import Engine
from .following import Begin
from .order import TIMEOUT_SECONDS
from .result import RunResult
from .wishes import Mapped, Once, begun_with, order_of, require_nothing, timeout_of, wanted

CLOSE_SECONDS = 30.0
_PAGE = re.compile(r"/(?:lab|tree|notebooks|edit)(?:/.*)?$")
"""The end of a page's path."""
T = TypeVar("T")
MakeBackend = Callable[[SessionExport, logging.Logger], Backend]

_log = logging.getLogger("jupyter_session_export.sessions")


class Hosting:
    """An engine, its settings, and the thread on which all of that is done."""

    def __init__(self, make: MakeBackend, settings: SessionExport | None = None) -> None:
        self.settings = settings or load_settings()
        self.loop = BackgroundLoop()
        self._closed = False
        self.engine = self.loop.run(self._begin(make))
        _all.add(self)

    def close(self) -> None:
        """End what lives here, and the thread; more than once does no harm."""
        if self._closed:
            return
        self._closed = True
        _all.discard(self)
        closing: Future[None] = self.loop.submit(self._shut_down())
        done, _ = wait([closing], CLOSE_SECONDS)
        if not done:
            _log.warning("Sessions take longer than %g s to close, and are left.", CLOSE_SECONDS)
        self.loop.close()
        for closed in done:
            closed.result()

    async def aclose(self) -> None:
        """Do `close` without blocking the event loop."""
        await asyncio.to_thread(self.close)

    async def _begin(self, make: MakeBackend) -> Engine:
        backend = make(self.settings, _log)
        return Engine(backend, most=self.settings.max_live_sessions, log=_log)

    async def _shut_down(self) -> None:
        try:
            await self.engine.shut_down()
        except SessionExportError as error:
            _log.warning("Sessions could not be closed well: %s", error)


_all: set[Hosting] = set()
_here: Hosting | None = None
_lock = threading.Lock()


def here() -> Hosting:
    """Return what hosts the sessions of this process; it begins with the first call."""
    global _here  # noqa: PLW0603  # one for each process
    with _lock:
        if _here is None or _here._closed:
            from .local.backend import LocalBackend  # noqa: PLC0415  # servers need none of it

            _here = Hosting(LocalBackend)
        return _here


def once(hosting: Hosting, code: str, options: Once) -> Begin:
    """Return what begins a run in a session of its own, or in the one that is named."""
    engine, order = hosting.engine, order_of(code, options)
    session_id, keep = options.get("session_id"), bool(options.get("keep_alive"))
    if session_id is not None:
        require_nothing(options)
        return lambda emit: engine.run_in(session_id, order, emit)
    # The run itself sends its files and installs its packages, and tells of it.
    wish = wanted(hosting.settings, begun_with(options))
    return lambda emit: engine.run_once(wish, order, emit, keep=keep)


def batch_of(
    hosting: Hosting, code: str, inputs: Sequence[Any], options: Mapped
) -> Coroutine[Any, Any, Sequence[RunResult]]:
    """Return the running of code for many inputs. Raises InvalidRequest."""
    batch = Batch(
        hosting.engine,
        wanted(hosting.settings, options),
        code,
        setup=options.get("setup", ""),
        timeout=timeout_of(options.get("timeout", TIMEOUT_SECONDS)),
    )
    most = options.get("max_sessions", MOST_SESSIONS)
    return batch.run(inputs, most, options.get("on_progress") or _nobody)


def _nobody(done: int, total: int) -> None:
    """Nobody asks how far it is."""


def at_server(url: str, token: str | None, certificate: str | None) -> Hosting:
    """Return what hosts sessions of a server. Raises ServerUnreachable, ServerRefused."""
    from .remote.backend import RemoteBackend  # noqa: PLC0415  # local sessions need none of it

    access = access_to(url, token, certificate)
    return Hosting(lambda _, log: RemoteBackend(access, log))


def access_to(url: str, token: str | None, certificate: str | None) -> Access:
    """Return how to reach a server; its URL may be the one of a page, as servers print it.

    A token in it is no part of any message.
    """
    parts = urlsplit(url)
    given = parse_qs(parts.query).get("token", [""])[0]
    base = parts._replace(path=_PAGE.sub("", parts.path), query="", fragment="")
    return Access(url=urlunsplit(base), key=token or given, scheme="token", certificate=certificate)


async def ahere() -> Hosting:
    """Do `here` without blocking the event loop."""
    return _here if _here is not None and not _here._closed else await asyncio.to_thread(here)


async def aserver(url: str, token: str | None, certificate: str | None) -> Hosting:
    """Do `at_server` without blocking the event loop."""
    return await asyncio.to_thread(at_server, url, token, certificate)


async def called(call: Callable[[], T]) -> T:
    """Make a call on the sessions' own loop."""
    return call()


@atexit.register
def close_all() -> None:
    """End all sessions that live in this process."""
    for hosting in list(_all):
        hosting.close()


def _forget() -> None:
    """Know nothing in a forked process: the sessions are the other one's."""
    global _here, _lock
    _here, _lock = None, threading.Lock()
    _all.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
