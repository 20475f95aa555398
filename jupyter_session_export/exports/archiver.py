"""Makes ZIPs of sessions: prepared in a worker thread, or streamed while it is made."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import SessionExportError, SourceChanged, StoreDamaged, StoreError
from ..store.catalog import Catalog
from ..store.faults import to_store_error
from .belongings import Belongings
from .job import ExportJob
from .keeper import Keeper
from .progress import PLANNING
from .shelf import Slot
from .transfer import Check, Transfer

if TYPE_CHECKING:
    from ..archive.prepared import PreparedArchive
    from .planning import Planner

FULL = (errno.ENOSPC, errno.EDQUOT)
Lost = Callable[[ExportJob, SessionExportError], None]
TELL_SECONDS = 30.0
"""So often the disk is told that a ZIP is being fetched."""
LOADED_LATE = ("archive.prepare", "archive.zipstream", "exports.planning", "store.reader")
"""No server needs them to start."""


def load_all() -> None:
    """Import what a first export would else have to wait for. Blocks."""
    for name in LOADED_LATE:
        import_module(f"..{name}", __package__)


class Archiver:
    """Any thread may call; what a prepared ZIP needs is held by the `keeper`.

    `lost` is told, where sendings end, of a ZIP that can't be sent any more: it ends
    the job and has it discarded.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        belongings: Belongings | None = None,
        workers: int = 2,
        include_hidden: bool = False,
        lost: Lost | None = None,
    ) -> None:
        self.keeper = Keeper(catalog)
        self._lost = lost or self._lose
        self._catalog = catalog
        self._belongings = belongings
        self._include_hidden = include_hidden
        self._workers = workers

    @cached_property
    def _planner(self) -> Planner:
        from .planning import Planner  # noqa: PLC0415

        return Planner(self._belongings, include_hidden=self._include_hidden)

    def prepare(self, job: ExportJob) -> PreparedArchive:
        """Read, hash and compress all of an export's ZIP; blocks for as long as it takes."""
        slot = self.keeper.begin(job)
        job.progress.watch.enter(PLANNING)
        try:
            with ExitStack() as needs:
                archive = self._prepare(job, slot, needs)
                self.keeper.keep(job, archive, needs)
        except BaseException as error:
            # Its job may have been discarded already. Where this fails, `discard` tells.
            with suppress(StoreError):
                slot.clear()
            if isinstance(error, OSError) and error.errno in FULL:
                raise to_store_error(error, "prepare the export") from error
            raise
        return archive

    def _prepare(self, job: ExportJob, slot: Slot, needs: ExitStack) -> PreparedArchive:
        from ..archive.prepare import prepare  # noqa: PLC0415
        from ..archive.staging import StagingFile, limit_of  # noqa: PLC0415

        reader = needs.enter_context(self._catalog.read(job.session.id))
        staging = StagingFile(slot.staging, limit_of(slot.staging.parent))
        needs.callback(staging.close)
        with self._planner.plan(job, reader, slot.readings, job.check) as (plan, progress):
            archive = prepare(
                plan,
                reader,
                staging,
                compression=job.request.compression,
                workers=self._workers,
                progress=progress,
                check=job.check,
            )
            job.check()
            # While the plan still pins all of the record.
            needs.enter_context(reader.pin(archive.sealed()))
        return archive

    def send(self, job: ExportJob, start: int = 0, end: int | None = None) -> Transfer:
        """Return one sending of a prepared ZIP, or of its bytes from `start` up to `end`.

        Raises what `ExportJob.archive` raises.
        """
        archive = job.archive()
        end = archive.length if end is None else end
        transfer = Transfer(
            job.filename,
            lambda check: self._read(job, archive, start, end, check),
            length=end - start,
            etag=archive.etag,
            first_byte=start,
            ended=lambda transfer: self._sent(job, transfer),
        )
        job.sending(transfer)
        return transfer

    def _read(
        self, job: ExportJob, archive: PreparedArchive, start: int, end: int, check: Check
    ) -> Iterator[bytes]:
        """Yield a range; the disk is told at times that it is wanted, as a crash may come."""
        told = float("-inf")
        try:
            # What `check` raises keeps this frame, so nothing in it closes by itself.
            with closing(archive.read(start, end)) as chunks:
                for chunk in chunks:
                    check()
                    if time.monotonic() - told > TELL_SECONDS:
                        self.keeper.used(job)
                        told = time.monotonic()
                    yield chunk
        finally:
            self.keeper.used(job)

    def _sent(self, job: ExportJob, transfer: Transfer) -> None:
        """Take note of the end of a sending; a ZIP that lost a source has come to its own."""
        job.sent(transfer)
        if isinstance(transfer.error, (SourceChanged, StoreDamaged)):
            self._lost(job, transfer.error)

    def _lose(self, job: ExportJob, error: SessionExportError) -> None:
        job.lose(error)
        self.keeper.discard(job)

    def stream(self, job: ExportJob) -> Transfer:
        """Return the sending of a ZIP that is made while it is sent."""
        transfer = Transfer(job.filename, lambda check: self._stream(job, check), ended=job.sent)
        job.sending(transfer)
        return transfer

    def _stream(self, job: ExportJob, check: Check) -> Iterator[bytes]:
        from ..archive.zipstream import ZipStream  # noqa: PLC0415

        with self._catalog.read(job.session.id) as reader, ExitStack() as stack:
            slot = Slot(reader.folder, job.id)
            if self._planner.reads(job):
                slot.claim()
                stack.callback(slot.release)
            plan, progress = stack.enter_context(
                self._planner.plan(job, reader, slot.readings, check)
            )
            chunks = ZipStream(
                plan,
                reader,
                compression=job.request.compression,
                workers=self._workers,
                progress=progress,
                check=check,
            )
            with closing(chunks):
                yield from chunks
            job.left_out = chunks.ledger.left_out
