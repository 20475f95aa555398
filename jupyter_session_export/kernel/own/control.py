"""What the magics ask of a kernel's own recorder, as they would ask a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from ...client.delivery import Delivered
from ...client.destination import Destination, PartialFile
from ...client.job import Progress, Request
from ...errors import InvalidRequest, StoreUnavailable
from ...exports.direct import export_to_file
from ...exports.job import archive_filename
from ...exports.outlook import outlook
from ...exports.request import ExportRequest
from ...exports.served import relative_to_root
from ...records.activity import AUDIT, LogLine
from ...records.purge import PurgeScope
from ...records.times import now
from ...upkeep.purging import known, purge_beside, purged_line
from .recorder import OwnRecorder

SEALING_SECONDS = 60.0
"""How long what runs and ran may take to be sealed."""

T = TypeVar("T")


class OwnControl:
    """Calls block as long as they take: a cell of the kernel waits for them."""

    def __init__(self, own: OwnRecorder) -> None:
        self._writing = own.writing()
        self._session = self._writing.record.session
        self._recorder = self._writing.recorder

    def set_recording(self, state: str, notebook: str | None = None) -> dict[str, Any]:
        """Pause ("paused") or resume ("on"); return how it stands. Raises StoreError.

        With a notebook it is about what that runs only.
        """
        path = None if notebook is None else relative_to_root(notebook, self._session.root)

        async def change() -> None:
            # What was published before must meet the state that it was published in.
            await self._recorder.settle(self._session.id)
            if path is not None:
                await self._recorder.pause_notebook(self._session.id, path, off=state == "paused")
            elif state == "on":
                self._recorder.resume(self._session.id)
            else:
                self._recorder.pause(self._session.id)
            await self._recorder.freeze(self._writing.record)

        _awaited(change)
        self._audit(f"recording.{state}")
        recording: dict[str, Any] = self.look()["recording"]
        return recording

    def look(self) -> dict[str, Any]:
        """Return how the recording stands."""
        identifier = self._session.id
        state, reason = self._recorder.state(identifier), self._recorder.reason(identifier)
        purges = self._recorder.purges(identifier)
        return {"recording": {"state": state, "reason": reason}, "purges": purges}

    def insights(self) -> dict[str, Any]:
        """Return where time went, and what earlier processes of this kernel ran."""
        identifier = self._session.id
        _awaited(lambda: self._recorder.commit(identifier))
        return outlook(self._writing.catalog, identifier, self._writing.kernel.id)

    def purge(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Take back what was recorded; return what was removed. Raises SessionExportError."""
        scope, session = _scope(asked), self._session
        _awaited(lambda: self._recorder.commit(session.id))
        if scope.notebook is not None:
            path = relative_to_root(scope.notebook, session.root)
            scope = known(self._writing.catalog, session, scope, path)
        purged = _awaited(lambda: self._recorder.purge(session.id, scope))
        purge_beside(self._writing.catalog, session, scope)
        self._recorder.log(session.id, purged_line(session, scope, purged))
        wiped = _awaited(lambda: self._recorder.scrub(session.id, anyway=True))
        return {"removed": purged.to_json(), "held_by_export": not wiped}

    def export(
        self, request: Request, destination: Destination, report: Callable[[Progress], None]
    ) -> Delivered:
        """Write a session's ZIP, by default this one's. Raises SessionExportError."""
        writing = self._writing
        checked = ExportRequest.parse(request.to_json(), compression=writing.settings.compression)
        session = writing.catalog.find(request.session_id or self._session.id, self._session.owner)
        frozen_at = None
        if session.id == self._session.id:
            asker = checked.asked_by.msg_id if checked.asked_by else None
            frozen_at = _awaited(lambda: self._recorder.freeze(writing.record, asker))
            self._audit("export.begun")
        partial = PartialFile(destination)
        try:
            result = export_to_file(
                writing.catalog,
                session.id,
                partial.path,
                checked,
                settings=writing.settings,
                frozen_at=frozen_at,
                progress=lambda progress: report(Progress.from_json(progress.to_json())),
            )
            path = partial.keep(archive_filename(now()))
        finally:
            partial.discard()
        return Delivered.inspect(path, result.left_out)

    def _audit(self, action: str) -> None:
        session = self._session
        line = LogLine(AUDIT, now(), session.id, session.user_id, action, None, {})
        self._recorder.log(session.id, line)


def _scope(asked: Mapping[str, Any]) -> PurgeScope:
    try:
        return PurgeScope.parse(asked)
    except ValueError as error:
        raise InvalidRequest(str(error)) from error


def _awaited(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in another thread: in this one the kernel's own event loop is running."""

    async def bounded() -> T:
        try:
            return await asyncio.wait_for(work(), SEALING_SECONDS)
        except asyncio.TimeoutError as error:
            raise StoreUnavailable("The record takes too long to settle.", "Try again.") from error

    with ThreadPoolExecutor(1, "session-export-own") as worker:
        return worker.submit(lambda: asyncio.run(bounded())).result()
