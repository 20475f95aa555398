"""`sessions/{id}/…`: how a live session stands, and what can be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from . import orders
from .base import ActHandler, ExecutingHandler, LiveHandler, WritingHandler, may

if TYPE_CHECKING:
    from ...sessions.live import LiveSession


class StatusHandler(LiveHandler):
    """`GET sessions/{id}/status`: state, end, cost, memory, packages, files."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, session_id: str) -> None:
        self.answer(await _status(await self.live(session_id)))


class InterruptHandler(WritingHandler):
    """`POST sessions/{id}/interrupt`: what runs ends with a KeyboardInterrupt."""

    async def act(self, live: LiveSession, asked: None) -> dict[str, Any]:
        await live.control.interrupt()
        return await _status(live)


class RestartHandler(WritingHandler):
    """`POST sessions/{id}/restart`: a kernel without variables."""

    async def act(self, live: LiveSession, asked: None) -> dict[str, Any]:
        await live.control.restart()
        return await _status(live)


class KeepAliveHandler(ActHandler):
    """`POST sessions/{id}/keep_alive {"seconds"}`: it lives at least so long from now on."""

    def read(self, body: Mapping[str, Any]) -> float | None:
        return orders.seconds(body)

    async def act(self, live: LiveSession, asked: float | None) -> dict[str, Any]:
        live.keep_alive(asked)
        return await _status(live)

    @web.authenticated
    @authorized
    async def post(self, session_id: str) -> None:
        await self.carry_out(session_id)


class PauseHandler(ExecutingHandler):
    """`POST sessions/{id}/pause {"how"}`: freeze it, or suspend it to disk."""

    def read(self, body: Mapping[str, Any]) -> str:
        return orders.pause(body)

    async def act(self, live: LiveSession, asked: str) -> dict[str, Any]:
        state = await live.control.pause(asked)
        return {"status": await _status(live), "state": None if state is None else state.to_json()}


class ResumeHandler(ExecutingHandler):
    """`POST sessions/{id}/resume`: go on; tells what could not be given back."""

    async def act(self, live: LiveSession, asked: None) -> dict[str, Any]:
        lost = await live.control.resume()
        return {"status": await _status(live), "lost": [each.to_json() for each in lost]}


class RestoreStateHandler(ExecutingHandler):
    """`POST sessions/{id}/restore {"name"}`: have the variables of a snapshot."""

    def read(self, body: Mapping[str, Any]) -> str:
        return orders.name(body)

    async def act(self, live: LiveSession, asked: str) -> dict[str, Any]:
        lost = await live.control.restore(asked)
        return {"status": await _status(live), "lost": [each.to_json() for each in lost]}


class SnapshotsHandler(ActHandler):
    """`GET sessions/{id}/snapshots`: their names. `POST … {"name"}`: keep the variables."""

    def read(self, body: Mapping[str, Any]) -> str:
        return orders.name(body)

    async def act(self, live: LiveSession, asked: str) -> dict[str, Any]:
        return (await live.control.snapshot(asked)).to_json()

    @web.authenticated
    @authorized
    async def get(self, session_id: str) -> None:
        self._track_activity = False
        live = await self.live(session_id)
        self.answer({"snapshots": live.control.snapshots()})

    @web.authenticated
    @authorized
    @may("execute")
    async def post(self, session_id: str) -> None:
        await self.carry_out(session_id, 201)


async def _status(live: LiveSession) -> dict[str, Any]:
    return (await live.status()).to_json()
