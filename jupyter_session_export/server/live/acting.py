"""`sessions/{id}/…`: how a live session stands, and what can be done to it."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from . import orders
from .base import LiveHandler, may


class StatusHandler(LiveHandler):
    """`GET sessions/{id}/status`: state, end, cost, memory, packages, files."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, session_id: str) -> None:
        await self.answer_status(await self.live(session_id))


class InterruptHandler(LiveHandler):
    """`POST sessions/{id}/interrupt`: what runs ends with a KeyboardInterrupt."""

    @web.authenticated
    @authorized
    @may("write")
    async def post(self, session_id: str) -> None:
        orders.nothing(self.body())
        live = await self.live(session_id)
        await live.interrupt()
        await self.answer_status(live)


class RestartHandler(LiveHandler):
    """`POST sessions/{id}/restart`: a kernel without variables."""

    @web.authenticated
    @authorized
    @may("write")
    async def post(self, session_id: str) -> None:
        orders.nothing(self.body())
        live = await self.live(session_id)
        await live.restart()
        await self.answer_status(live)


class KeepAliveHandler(LiveHandler):
    """`POST sessions/{id}/keep_alive {"seconds"}`: it lives at least so long from now on."""

    @web.authenticated
    @authorized
    async def post(self, session_id: str) -> None:
        seconds = orders.seconds(self.body())
        live = await self.live(session_id)
        live.keep_alive(seconds)
        await self.answer_status(live)


class PauseHandler(LiveHandler):
    """`POST sessions/{id}/pause {"how"}`: freeze it, or suspend it to disk."""

    @web.authenticated
    @authorized
    @may("execute")
    async def post(self, session_id: str) -> None:
        how = orders.pause(self.body())
        live = await self.free(session_id)
        state = await live.pause(how)
        status = (await live.status()).to_json()
        self.answer({"status": status, "state": None if state is None else state.to_json()})


class ResumeHandler(LiveHandler):
    """`POST sessions/{id}/resume`: go on; tells what could not be given back."""

    @web.authenticated
    @authorized
    @may("execute")
    async def post(self, session_id: str) -> None:
        orders.nothing(self.body())
        live = await self.free(session_id)
        lost = [each.to_json() for each in await live.resume()]
        self.answer({"status": (await live.status()).to_json(), "lost": lost})


class SnapshotsHandler(LiveHandler):
    """`GET sessions/{id}/snapshots`: their names. `POST … {"name"}`: keep the variables."""

    @web.authenticated
    @authorized
    async def get(self, session_id: str) -> None:
        self._track_activity = False
        live = await self.live(session_id)
        self.answer({"snapshots": live.snapshots()})

    @web.authenticated
    @authorized
    @may("execute")
    async def post(self, session_id: str) -> None:
        name = orders.name(self.body())
        live = await self.free(session_id)
        self.answer((await live.snapshot(name)).to_json(), 201)


class RestoreStateHandler(LiveHandler):
    """`POST sessions/{id}/restore {"name"}`: have the variables of a snapshot."""

    @web.authenticated
    @authorized
    @may("execute")
    async def post(self, session_id: str) -> None:
        name = orders.name(self.body())
        live = await self.free(session_id)
        lost = [each.to_json() for each in await live.restore(name)]
        self.answer({"status": (await live.status()).to_json(), "lost": lost})
