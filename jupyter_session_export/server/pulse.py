"""`GET pulse`: an answer in pieces, by which `doctor` tells whether a proxy holds answers back."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import SessionExportHandler

PIECES = 3
PAUSE_SECONDS = 0.3


class PulseHandler(SessionExportHandler):
    """Writes a line, pauses, writes the next; changes nothing."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        await self.owner()  # nobody gets an answer, as everywhere
        self.set_header("Content-Type", "application/x-ndjson")
        self.set_header("Cache-Control", "no-store")
        # As our downloads do: nginx passes on what it gets.
        self.set_header("X-Accel-Buffering", "no")
        for piece in range(PIECES):
            if piece:
                await asyncio.sleep(PAUSE_SECONDS)
            self.write(f'{{"piece": {piece + 1}}}\n')
            await self.flush()
