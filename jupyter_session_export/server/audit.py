"""The audit log: who took or changed the record of a session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import StoreError
from ..exports.transfer import Transfer
from ..records.activity import AUDIT, LogLine
from ..records.scrubbing import tidied
from ..records.session import Session
from ..records.times import now
from ..workspaces.audit import AuditLog

if TYPE_CHECKING:
    from ..recording.recorder import Recorder
    from .sessions import OpenSessions

MOST_PENDING = 100


class Audit:
    """Called on the event loop. A session that this server doesn't write can't be added to.

    What is done with it is told in the data folder's own log. `changed` is told the
    id of each session that has a line.
    """

    def __init__(
        self,
        sessions: OpenSessions,
        recorder: Recorder,
        kept: AuditLog,
        log: logging.Logger,
        *,
        changed: Callable[[str], None],
    ) -> None:
        self._sessions = sessions
        self._recorder = recorder
        self._kept = kept
        self._log = log
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(
        self,
        session: Session,
        action: str,
        target: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Write that a session's owner did something."""
        # What is worth a line has mostly changed what lies in the folder.
        self._changed(session.id)
        self._write(
            LogLine(AUDIT, now(), session.id, session.user_id, action, target, detail or {})
        )

    def refused(self, session: Session, route: str, detail: dict[str, Any], *, mine: bool) -> None:
        """Write that somebody was refused: the owner, or another one who stays unnamed."""
        if self._sessions.record_of(session.id) is not None:
            user = session.user_id if mine else None
            self._write(LogLine(AUDIT, now(), session.id, user, "request.refused", route, detail))

    def download(
        self, session: Session, action: str, target: str | None, transfer: Transfer
    ) -> Transfer:
        """Have the end of a sending told, with how much has gone."""

        def ended(transfer: Transfer) -> None:
            detail = {
                "first_byte": transfer.first_byte,
                "bytes": transfer.sent,
                "complete": transfer.completed,
            }
            self(session, action, target, detail)

        transfer.then(ended)
        return transfer

    async def close(self) -> None:
        """Wait until the disk has what was said last."""
        await asyncio.gather(*self._tasks)

    def _write(self, line: LogLine) -> None:
        if self._sessions.record_of(line.session_id) is not None:
            self._recorder.log(line.session_id, line)
        elif len(self._tasks) < MOST_PENDING:
            task = asyncio.get_running_loop().create_task(self._keep(line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._log.warning("The audit log can't keep up: %s of %s", line.action, line.session_id)

    async def _keep(self, line: LogLine) -> None:
        target, detail = tidied(line.target), tidied(line.detail)
        told = LogLine(
            line.log, line.time, line.session_id, line.user_id, line.action, target, detail
        )
        try:
            await asyncio.to_thread(self._kept.append, told, durable=False)
        except StoreError as error:
            self._log.warning("The audit log can't be written: %s", error)
