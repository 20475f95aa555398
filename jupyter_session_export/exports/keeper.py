"""Keeps exports on disk for as long as they are remembered, and finds those of earlier servers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import ExportExpired, ExportFailed, SessionExportError, SessionNotFound, StoreError
from ..records.session import Session
from ..records.times import now
from ..store.catalog import Catalog
from .job import CUT_OFF, READY, ExportJob
from .shelf import Slot, slots_in
from .state import job_of, lost_job, ready_state, state_of

if TYPE_CHECKING:
    from ..archive.prepared import PreparedArchive

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    """What this process has of an export: its files, and what a ZIP that is ready needs open.

    `lock` is held while files are written: the end of an export is written last.
    """

    slot: Slot
    needs: ExitStack = field(default_factory=ExitStack)
    lock: threading.Lock = field(default_factory=threading.Lock)
    gone: bool = False


class Keeper:
    """Any thread may call."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def expect(self, job: ExportJob) -> None:
        """Know of an export: its end is written down, also where it comes before its beginning."""
        slot = Slot(self._catalog.folder(job.session.id), job.id)
        with self._lock:
            self._held.setdefault(job.id, _Held(slot))

    def begin(self, job: ExportJob) -> Slot:
        """Write down that an export has begun; more than once does no harm.

        Raises StoreUnavailable, and what has ended the export meanwhile.
        """
        slot = Slot(self._catalog.folder(job.session.id), job.id)
        with self._lock:
            held = self._held.setdefault(job.id, _Held(slot))
        with held.lock:
            if job.has_ended and held.slot is slot:
                # Nobody expected it, or its end has been written already.
                with self._lock:
                    self._held.pop(job.id, None)
            if held.gone or job.has_ended:
                raise _ended(job)
            if not held.slot.claim():
                raise ExportFailed("Another process has an export of this id.", "Start a new one.")
            held.slot.write_state(state_of(job))
        return held.slot

    def keep(self, job: ExportJob, archive: PreparedArchive, needs: ExitStack) -> None:
        """Write down what a ZIP is made of; `needs` is closed when that isn't needed any more.

        Raises StoreUnavailable, and what has ended the export meanwhile; `needs` is the
        caller's then.
        """
        with self._lock:
            held = self._held.get(job.id)
        if held is None:
            raise _ended(job)
        digests = (bytes.fromhex(sealed.sha256) for sealed in archive.sealed())
        with held.lock:
            if held.gone or job.has_ended:
                raise _ended(job)
            held.slot.keep(archive.lines(), digests)
            held.slot.write_state(ready_state(job, archive.left_out))
            held.needs = needs.pop_all()

    def used(self, job: ExportJob) -> None:
        """Note that a ZIP is being fetched: its lifetime begins anew."""
        with self._lock:
            held = self._held.get(job.id)
        if held is not None:
            held.slot.used()

    def discard(self, job: ExportJob) -> None:
        """Remove what an export that has ended left, but for how; more than once does no harm."""
        with self._letting_go(job) as held:
            if held is None:
                return
            try:
                held.slot.clear()
                held.slot.write_state(state_of(job))
            except StoreError as error:
                # A session that was removed took its exports along.
                if self._catalog.folder(job.session.id).path.exists():
                    _log.warning("Export %s: %s %s", job.id, error.message, error.detail)

    def put_down(self, job: ExportJob) -> None:
        """Leave an export to the next server as it is; more than once does no harm."""
        with self._letting_go(job):
            pass

    def forget(self, job: ExportJob) -> None:
        """Remove the last of an export."""
        try:
            Slot(self._catalog.folder(job.session.id), job.id).remove()
        except StoreError as error:
            _log.warning("Export %s: %s %s", job.id, error.message, error.detail)

    def restore(self, owner: str) -> list[ExportJob]:
        """Return an owner's exports that no live process has, the oldest first.

        What can't be read has expired, with a warning. Raises StoreUnavailable where the
        sessions can't be listed.
        """
        jobs = [
            job
            for session in self._catalog.sessions(owner)
            for slot in self._slots(session)
            if (job := self._restored(session, slot)) is not None
        ]
        return sorted(jobs, key=lambda job: job.created_at)

    def _slots(self, session: Session) -> list[Slot]:
        try:
            return slots_in(self._catalog.folder(session.id))
        except StoreError as error:
            _log.warning("Exports can't be listed: %s %s", error.message, error.detail)
            return []

    def _restored(self, session: Session, slot: Slot) -> ExportJob | None:
        try:
            if not slot.claim():
                return None
            try:
                return self._read(session, slot)
            finally:
                if slot.id not in self._held:
                    slot.release()
        except StoreError as error:
            _log.warning("Export %s: %s %s", slot.id, error.message, error.detail)
            return None

    def _read(self, session: Session, slot: Slot) -> ExportJob | None:
        at = now()
        try:
            found = slot.read_state()
            if found is None:
                slot.remove()
                return None
            state, at = found
            job = job_of(state, session, slot.id)
            job.last_used_at = at
            if job.state == READY:
                self._take_up(job, slot)
                return job
        except ExportExpired as error:
            _log.warning("Export %s can't be had any more: %s", slot.id, error.detail)
            job = lost_job(session, slot.id, at, error)
        if job.under_way:
            job.fail(ExportFailed(CUT_OFF, "Start a new one."))
        slot.clear()
        slot.write_state(state_of(job))
        return job

    def _take_up(self, job: ExportJob, slot: Slot) -> None:
        """Open what a ZIP needs. Raises ExportExpired where not all of it is there."""
        # No server needs them to start.
        from ..archive.prepared import PreparedArchive  # noqa: PLC0415
        from ..archive.staging import StagingFile  # noqa: PLC0415

        with ExitStack() as needs:
            try:
                reader = needs.enter_context(self._catalog.read(job.session.id))
                staging = StagingFile(slot.staging)
                needs.callback(staging.close)
                archive = PreparedArchive.from_lines(slot.table(), reader, staging)
                needs.enter_context(reader.pin(archive.sealed()))
            except (StoreError, SessionNotFound, ValueError) as error:
                raise ExportExpired("The prepared export can't be read.", str(error)) from error
            job.prepared = archive
            with self._lock:
                self._held[job.id] = _Held(slot, needs.pop_all())

    @contextmanager
    def _letting_go(self, job: ExportJob) -> Iterator[_Held | None]:
        """Give what this process has of an export, for the last time."""
        with self._lock:
            held = self._held.pop(job.id, None)
        if held is None:
            yield None
            return
        with held.lock:
            held.gone = True
            held.needs.close()
            try:
                yield held
            finally:
                held.slot.release()


def _ended(job: ExportJob) -> SessionExportError:
    """Return what has ended an export."""
    return copy(job.error) if job.error else ExportFailed("The export has ended already.")
