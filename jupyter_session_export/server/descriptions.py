"""Sessions as the HTTP contract shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..records.session import Session
from ..records.times import to_iso, to_iso_or_none
from .gauge import Gauge, Measure

if TYPE_CHECKING:
    from ..recording.kernels import KernelWatch
    from ..recording.notebooks import NotebookWatch
    from ..recording.recorder import Recorder
    from ..settings import SessionExport
    from .live.sessions import LiveSessions
    from .sessions import OpenSessions

NOT_WRITTEN = {"state": "ended", "reason": "This server does not write this session."}
AT_ONCE = 100
"""Sessions that are described before others get their turn on the event loop."""
MOST_TOLD = 2_000
"""Descriptions that are remembered, a kilobyte each, as lists are asked for again and again."""


class Descriptions:
    """Called on the event loop. The watches are None where nothing is recorded."""

    kernels: KernelWatch | None = None
    notebooks: NotebookWatch | None = None
    live: LiveSessions | None = None

    def __init__(
        self, settings: SessionExport, sessions: OpenSessions, recorder: Recorder, gauge: Gauge
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._recorder = recorder
        self._gauge = gauge
        self._told: dict[str, tuple[Session, Measure | None, dict[str, Any]]] = {}

    async def of(self, session: Session) -> dict[str, Any]:
        """Describe one session."""
        (description,) = await self.of_all([session])
        return description

    async def of_all(self, sessions: Sequence[Session]) -> list[dict[str, Any]]:
        """Describe sessions; what isn't measured yet is null, and known the next time."""
        written = {record.session.id: record.session for record in self._sessions.open_here}
        # What the writer knows is newer than what it has told the disk.
        current = [written.get(session.id, session) for session in sessions]
        measures = await self._gauge.measure(current, set(written))
        described = []
        for session in current:
            measure = measures.get(session.id)
            if session.id in written:
                described.append(self._describe(session, True, measure))
            else:
                described.append(self._at_rest(session, measure))
            if len(described) % AT_ONCE == 0:
                await asyncio.sleep(0)
        return described

    def _at_rest(self, session: Session, measure: Measure | None) -> dict[str, Any]:
        """Describe a session that this server doesn't write, or return what was said before."""
        told = self._told.get(session.id)
        if told is None or told[0] is not session or told[1] is not measure:
            while len(self._told) >= MOST_TOLD:
                del self._told[next(iter(self._told))]
            told = session, measure, self._describe(session, False, measure)
            self._told[session.id] = told
        return told[2]

    def recording(self, session: Session) -> dict[str, Any]:
        """Describe whether and why a session is recorded."""
        if not self._settings.record:
            return {"state": "off", "reason": "SessionExport.record is False in the settings."}
        if session.ended_at is not None or self._sessions.record_of(session.id) is None:
            return dict(NOT_WRITTEN)
        return {
            "state": self._recorder.state(session.id),
            "reason": self._recorder.reason(session.id),
            "notebooks_off": self._recorder.notebooks_off(session.id),
            "notebooks_off_by_settings": self._recorder.notebooks_off_by_settings(session.id),
        }

    def _describe(
        self, session: Session, this_server: bool, measure: Measure | None
    ) -> dict[str, Any]:
        counts = session.counts or (measure.counts if measure else None)
        return {
            "id": session.id,
            "number": session.number,
            "owner": session.user_id,
            "guest": session.guest,
            "started_at": to_iso(session.started_at),
            "last_active_at": to_iso(session.last_active_at),
            "ended_at": to_iso_or_none(session.ended_at),
            "expires_at": self._expires_at(session),
            "recording": self.recording(session),
            "this_server": this_server,
            "live": None if self.live is None else self.live.describe(session.id),
            "kernels": self._kernels(session) if this_server else [],
            "counts": counts.to_json() if counts else None,
            "bytes": measure.bytes if measure else None,
            "measured_at": to_iso(measure.at) if measure else None,
        }

    def _kernels(self, session: Session) -> list[dict[str, Any]]:
        if self.kernels is None or self.notebooks is None:
            return []
        return [
            {**asdict(kernel), "notebook": self.notebooks.notebook_of(kernel.id)}
            for kernel in self.kernels.running(session.id)
        ]

    def _expires_at(self, session: Session) -> str | None:
        live = None if self.live is None else self.live.peek(session.id)
        if live is not None:
            return to_iso_or_none(live.expires_at)
        hours = self._settings.session_timeout_hours
        if not hours or session.ended_at is not None:
            return None
        return to_iso(session.last_active_at + timedelta(hours=hours))
