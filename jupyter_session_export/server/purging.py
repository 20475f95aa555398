"""Purging: an owner takes back what was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import SessionInUse, StoreUnavailable
from ..exports.served import relative_to_root
from ..records.purge import Purged, PurgeScope
from ..records.session import Session
from ..upkeep.purging import known, purge_beside, purge_kept, purged_line
from .owners import Owner

if TYPE_CHECKING:
    from ..exports.registry import ExportRegistry
    from ..recording.recorder import Recorder
    from ..store.catalog import Catalog
    from .returning import Returning
    from .sessions import OpenSessions

PURGED = "The session's record was purged."
SEALING_SECONDS = 60.0
"""How long what is being sealed is waited for: some GB of output take so long."""
PATIENCE = 5.0
"""Seconds that cancelled exports have to let go of what they hold."""


class Purging:
    """Called on the event loop; `changed` is told the id of each session that was purged."""

    def __init__(
        self,
        catalog: Catalog,
        sessions: OpenSessions,
        recorder: Recorder,
        exports: ExportRegistry,
        returning: Returning,
        *,
        changed: Callable[[str], None],
    ) -> None:
        self._catalog = catalog
        self._sessions = sessions
        self._recorder = recorder
        self._exports = exports
        self._changed = changed
        self._returning = returning

    async def purge(
        self, owner: Owner, session_id: str | None, scope: PurgeScope
    ) -> dict[str, Any]:
        """Remove what was recorded, and what exports made of it.

        Raises SessionNotFound, NotebookNotFound, SessionLeased, SessionInUse or
        another StoreError.
        """
        session = await self._sessions.find(owner, session_id)
        # What earlier servers had prepared has to go too.
        await self._returning.of(owner.id)
        written = self._sessions.record_of(session.id) is not None
        if written:
            await self._recorder.commit(session.id)
        scope = await asyncio.to_thread(self._known, session, scope)
        if written:
            purged, held = await self._purge_written(session, scope)
        else:
            purged, held = await self._purge_kept(session, scope), False
        self._changed(session.id)
        return {"removed": purged.to_json(), "held_by_export": held}

    def _known(self, session: Session, scope: PurgeScope) -> PurgeScope:
        if scope.notebook is None:
            return scope
        path = relative_to_root(scope.notebook, session.root)
        return known(self._catalog, session, scope, path)

    async def _purge_written(self, session: Session, scope: PurgeScope) -> tuple[Purged, bool]:
        try:
            purged = await asyncio.wait_for(
                self._recorder.purge(session.id, scope), SEALING_SECONDS
            )
        except asyncio.TimeoutError as error:
            raise StoreUnavailable(
                "The purge was given up: what is being sealed takes too long.", "Try it again."
            ) from error
        await asyncio.to_thread(purge_beside, self._catalog, session, scope)
        self._recorder.log(session.id, purged_line(session, scope, purged))
        # Only now: none that begins from here on has any of it.
        await self._exports.cancel_all(session.id, PURGED, ready=True)
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not await self._recorder.scrub(session.id):
            if asyncio.get_running_loop().time() > deadline:
                return purged, not await self._recorder.scrub(session.id, anyway=True)
            await asyncio.sleep(0.05)
        return purged, False

    async def _purge_kept(self, session: Session, scope: PurgeScope) -> Purged:
        await self._exports.cancel_all(session.id, PURGED, ready=True)
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                return await asyncio.to_thread(purge_kept, self._catalog, session, scope)
            except SessionInUse:
                if asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(0.05)
