"""One export: a request for a ZIP, from being asked for to its end."""

from __future__ import annotations

import asyncio
import secrets
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..errors import (
    ExportCancelled,
    ExportExpired,
    ExportFailed,
    ExportNotReady,
    SessionExportError,
)
from ..records.session import Session
from ..records.times import now, to_iso, to_iso_or_none
from .clients import Origin
from .progress import Progress
from .request import ExportRequest
from .transfer import Transfer

if TYPE_CHECKING:
    from ..archive.prepared import PreparedArchive

PREPARING, READY, EXPIRED, FAILED, CANCELLED = (
    "preparing",
    "ready",
    "expired",
    "failed",
    "cancelled",
)
CUT_OFF = "The server stopped while the export was being prepared."


class ExportJob:
    """The state of an export. The event loop writes it; the worker reads `check` and counts."""

    def __init__(
        self,
        session: Session,
        request: ExportRequest,
        origin: Origin | None = None,
        *,
        streamed: bool = False,
    ) -> None:
        self.id = secrets.token_hex(16)
        self.session = session
        self.request = request
        self.origin = origin
        self.streamed = streamed
        self.created_at = now()
        self.frozen_at: int | None = None
        """The record's position that it was asked for; what is logged later isn't in it."""
        self.finished_at: datetime | None = None
        self.state = PREPARING
        self.progress = Progress()
        self.prepared: PreparedArchive | None = None
        self.error: SessionExportError | None = None
        self.over = asyncio.Event()
        """Set when it has ended, well or not: nobody has to wait for its work any more."""
        self.left_out = 0
        self.delivered = 0
        self._transfers: dict[Transfer, datetime] = {}
        self.last_used_at = self.created_at

    @property
    def transfers(self) -> int:
        """How many sendings of the ZIP are under way."""
        return len(self._transfers)

    @property
    def filename(self) -> str:
        """What a download is called."""
        return archive_filename(self.created_at)

    @property
    def under_way(self) -> bool:
        return self.state == PREPARING

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing more to come of it."""
        return self.state in (EXPIRED, FAILED, CANCELLED)

    def check(self) -> None:
        """Raise what ended this export, if something did; workers call it between steps."""
        if isinstance(self.error, ExportCancelled):
            # A copy: the one that is kept must not hold on to what was in memory where it arose.
            raise copy(self.error)

    def cancel(self, reason: ExportCancelled) -> None:
        """End it now; its worker notices at its next check."""
        if self.state in (PREPARING, READY):
            self._end(CANCELLED, reason)
            for transfer in list(self._transfers):
                transfer.stop(reason)

    def ready(self, prepared: PreparedArchive) -> None:
        """Take the ZIP that the worker prepared, unless it was cancelled meanwhile."""
        if self.under_way:
            self.prepared = prepared
            self.left_out = prepared.left_out
            self.state = READY
            self.progress.finish("ready")
            self.finished_at = self.last_used_at = now()
            self.over.set()

    def interrupt(self, reason: ExportCancelled) -> None:
        """Stop what is under way because the server ends; a ZIP that is ready stays."""
        if self.under_way:
            self._end(FAILED, reason)
        for transfer in list(self._transfers):
            transfer.stop(reason)

    def lose(self, error: SessionExportError) -> None:
        """End it: a ZIP that was ready can't be sent any more."""
        if self.state == READY:
            self._end(FAILED, error)

    def fail(self, error: SessionExportError) -> None:
        if self.under_way:
            self._end(FAILED, error)

    def expire(self) -> None:
        if self.state == READY:
            self._end(EXPIRED, ExportExpired("This export was kept for a while and is gone now."))

    def sending(self, transfer: Transfer) -> None:
        """Note that a sending has begun."""
        transfer.whose = self.session.owner
        self._transfers[transfer] = now()

    def sent(self, transfer: Transfer) -> None:
        """Note that a sending has ended, well or not."""
        self._transfers.pop(transfer, None)
        self.last_used_at = now()
        if self.streamed:
            # There is no other sending of what is made while it is sent.
            self.over.set()
        if self.prepared and transfer.sent:
            # A page asks it, which sees nothing of what its browser does with a download.
            end = transfer.first_byte + transfer.sent
            self.delivered += end == self.prepared.length

    def _end(self, state: str, error: SessionExportError) -> None:
        self.state = state
        self.error = copy(error)
        self.prepared = None
        self.finished_at = now()
        self.progress.finish(state)
        self.over.set()

    def archive(self) -> PreparedArchive:
        """Return the ZIP. Raises ExportNotReady, or what ended the export."""
        if self.under_way:
            raise ExportNotReady(
                "The export is still being prepared.", "Ask again when its state is ready."
            )
        if self.prepared is None:
            raise copy(self.error) if self.error else ExportFailed("The export has no ZIP.")
        return self.prepared

    def to_json(self) -> dict[str, Any]:
        """Return the job as the HTTP contract shows it."""
        return {
            "id": self.id,
            "session_id": self.session.id,
            "state": self.state,
            "scope": self.request.scope,
            "path": self.request.path,
            "include": self.request.sections,
            "compression": self.request.compression,
            "tools": self.request.tools,
            "client_id": self.request.client_id,
            "epoch": self.origin.epoch if self.origin else None,
            "created_at": to_iso(self.created_at),
            "finished_at": to_iso_or_none(self.finished_at),
            "filename": self.filename,
            "bytes": self.prepared.length if self.prepared else None,
            "etag": self.prepared.etag if self.prepared else None,
            "left_out": self.left_out,
            "transfers": self.transfers,
            "delivered": self.delivered,
            "downloads": [
                _download(transfer, at, self.prepared) for transfer, at in self._transfers.items()
            ],
            "progress": self.progress.to_json(),
            "timing": self.progress.watch.timing().to_json(),
            "error": self.error.as_dict() if self.error else None,
        }


def _download(
    transfer: Transfer, started_at: datetime, prepared: PreparedArchive | None
) -> dict[str, Any]:
    return {
        "started_at": to_iso(started_at),
        "first_byte": transfer.first_byte,
        "total_bytes": prepared.length if prepared else None,
        "sent_bytes": transfer.sent,
    }


def archive_filename(at: datetime) -> str:
    """Return the ZIP's name of the contract, by the UTC date of the export."""
    return f"session_export_{at:%Y-%m-%d}.zip"
