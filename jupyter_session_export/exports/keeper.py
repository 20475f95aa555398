"""Keeps exports on disk for as long as they are remembered, and finds those of earlier servers."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field

from ..archive.prepared import PreparedArchive
from ..archive.staging import StagingFile
from ..errors import ExportExpired, ExportFailed, SessionNotFound, StoreError
from ..records.session import Session
from ..records.times import now
from ..store.catalog import Catalog
from .job import CUT_OFF, READY, ExportJob
from .shelf import Slot, slots_in
from .state import job_of, lost_job, ready_state, state_of

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    """What this process has of an export: its files, and what a ZIP that is ready needs open."""

    slot: Slot
    needs: ExitStack = field(default_factory=ExitStack)


class Keeper:
    """Any thread may call."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def begin(self, job: ExportJob) -> Slot:
        """Write down that an export has begun. Raises StoreUnavailable."""
        with self._lock:
            held = self._held.get(job.id)
        if held is not None:
            return held.slot
        slot = Slot(self._catalog.folder(job.session.id), job.id)
        if not slot.claim():
            raise ExportFailed("Another process has an export of this id.", "Start a new one.")
        with self._lock:
            self._held[job.id] = _Held(slot)
        slot.write_state(state_of(job))
        return slot

    def keep(self, job: ExportJob, archive: PreparedArchive, needs: ExitStack) -> None:
        """Write down what a ZIP is made of; `needs` is closed when that isn't needed any more.

        Raises StoreUnavailable, and what has ended the export meanwhile; `needs` is the
        caller's then.
        """
        with self._lock:
            held = self._held.get(job.id)
        job.check()
        if held is None:
            raise ExportFailed("The export has ended already.")
        digests = (bytes.fromhex(sealed.sha256) for sealed in archive.sealed())
        held.slot.keep(archive.lines(), digests)
        held.slot.write_state(ready_state(job, archive.left_out))
        with self._lock:
            if self._held.get(job.id) is held:
                held.needs = needs.pop_all()
                return
        # It ended just now: the end is what stands.
        held.slot.write_state(state_of(job))
        raise ExportFailed("The export has ended already.")

    def used(self, job: ExportJob) -> None:
        """Note that a ZIP is being fetched: its lifetime begins anew."""
        with self._lock:
            held = self._held.get(job.id)
        if held is not None:
            held.slot.used()

    def discard(self, job: ExportJob) -> None:
        """Remove what an export that has ended left, but for how; more than once does no harm."""
        held = self._let_go(job)
        if held is None:
            return
        try:
            held.slot.clear()
            held.slot.write_state(state_of(job))
        except StoreError as error:
            # A session that was removed took its exports along.
            if self._catalog.folder(job.session.id).path.exists():
                _log.warning("Export %s: %s %s", job.id, error.message, error.detail)
        finally:
            held.slot.release()

    def put_down(self, job: ExportJob) -> None:
        """Leave an export to the next server as it is; more than once does no harm."""
        held = self._let_go(job)
        if held is not None:
            held.slot.release()

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
        with ExitStack() as needs:
            try:
                reader = needs.enter_context(self._catalog.read(job.session.id))
                staging = StagingFile(slot.staging)
                needs.callback(staging.close)
                archive = PreparedArchive.from_lines(slot.table(), reader.open, staging)
                needs.enter_context(reader.pin(archive.sealed()))
            except (StoreError, SessionNotFound, ValueError) as error:
                raise ExportExpired("The prepared export can't be read.", str(error)) from error
            job.prepared = archive
            with self._lock:
                self._held[job.id] = _Held(slot, needs.pop_all())

    def _let_go(self, job: ExportJob) -> _Held | None:
        with self._lock:
            held = self._held.pop(job.id, None)
        if held is not None:
            held.needs.close()
        return held
