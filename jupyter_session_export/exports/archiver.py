"""Makes ZIPs of sessions: prepared in a worker thread, or streamed while it is made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from ..archive.plan import SessionPlan, plan_archive
from ..archive.prepare import prepare
from ..archive.prepared import PreparedArchive
from ..archive.progress import Progress
from ..archive.staging import StagingFile
from ..archive.zipstream import ZipStream
from ..records.recording import PassedOver, Recording
from ..store.catalog import Catalog
from ..store.plan import RecordPlan
from ..store.reader import RecordReader
from .belongings import Belongings
from .gathering import gather, notebook_of
from .job import ExportJob
from .readings import SessionReadings
from .transfer import Check, Transfer


class Archiver:
    """Any thread may call; what a prepared ZIP needs of the record is held until `discard`."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        belongings: Belongings | None = None,
        workers: int = 2,
        include_hidden: bool = False,
    ) -> None:
        self._catalog = catalog
        self._belongings = belongings
        self._workers = workers
        self._include_hidden = include_hidden
        self._held: dict[str, ExitStack] = {}
        self._lock = threading.Lock()

    def prepare(self, job: ExportJob) -> PreparedArchive:
        """Read, hash and compress all of an export's ZIP; blocks for as long as it takes."""
        job.progress.stage = "planning"
        with ExitStack() as stack:
            reader, plan = stack.enter_context(self._open(job))
            staging = self._staging(job)
            stack.callback(staging.path.unlink, missing_ok=True)
            readings = self._readings(job, reader, job.check)
            if readings is not None:
                stack.callback(readings.close)
            archive = prepare(
                self._plan(job, reader, plan, readings, check=job.check, stack=stack),
                reader.open,
                staging,
                compression=job.request.compression,
                workers=self._workers,
                progress=self._progress(job, plan),
                check=job.check,
            )
            job.check()
            if readings is not None:
                readings.close()
            with self._lock:
                self._held[job.id] = stack.pop_all()
        return archive

    def discard(self, job: ExportJob) -> None:
        """Remove what a prepared ZIP held; more than once does no harm."""
        with self._lock:
            held = self._held.pop(job.id, None)
        if held is not None:
            held.close()
        # What a thread made that hangs by now; it sees to the rest when it comes back.
        self._staging(job).path.unlink(missing_ok=True)
        self._table(job).unlink(missing_ok=True)

    def sweep(self, session_id: str) -> None:
        """Remove what a server that crashed had prepared. Call it while no export is under way."""
        exports = self._catalog.folder(session_id).exports
        for pattern in ("*.staging", "*.readings"):
            for path in exports.glob(pattern):
                path.unlink(missing_ok=True)

    def send(self, job: ExportJob) -> Transfer:
        """Return one sending of a prepared ZIP. Raises what `ExportJob.archive` raises."""
        archive = job.archive()
        transfer = Transfer(
            job.filename,
            lambda check: _checked(archive.read(), check),
            length=archive.length,
            etag=archive.etag,
            ended=job.sent,
        )
        job.sending(transfer)
        return transfer

    def stream(self, job: ExportJob) -> Transfer:
        """Return the sending of a ZIP that is made while it is sent."""
        transfer = Transfer(job.filename, lambda check: self._stream(job, check), ended=job.sent)
        job.sending(transfer)
        return transfer

    def _stream(self, job: ExportJob, check: Check) -> Iterator[bytes]:
        with self._open(job) as (reader, plan), ExitStack() as stack:
            readings = self._readings(job, reader, check)
            if readings is not None:
                stack.callback(readings.close)
            chunks = ZipStream(
                self._plan(job, reader, plan, readings, check=check, stack=stack),
                reader.open,
                compression=job.request.compression,
                workers=self._workers,
                progress=self._progress(job, plan),
                check=check,
            )
            with closing(chunks):
                yield from chunks
            job.left_out = chunks.ledger.left_out

    @contextmanager
    def _open(self, job: ExportJob) -> Iterator[tuple[RecordReader, RecordPlan]]:
        request = job.request
        with self._catalog.read(job.session.id) as reader:
            notebook = notebook_of(request, reader.notebooks(), reader.session.root)
            with reader.plan(tools=True, notebook=notebook) as plan:
                plan.executions[:] = _without_asker(job, plan)
                yield reader, plan

    def _readings(
        self, job: ExportJob, reader: RecordReader, check: Check
    ) -> SessionReadings | None:
        if self._belongings is None or "data" not in job.request.include:
            return None
        folder = reader.folder
        return self._belongings.readings(
            reader.session,
            folder=folder.path,
            table=self._table(job),
            present=job.created_at,
            check=check,
        )

    def _plan(
        self,
        job: ExportJob,
        reader: RecordReader,
        plan: RecordPlan,
        readings: SessionReadings | None,
        *,
        check: Check,
        stack: ExitStack,
    ) -> SessionPlan:
        recordings: Iterable[Recording | PassedOver] = ()
        if self._belongings is not None:
            recordings = self._belongings.recordings(reader.session, job.created_at, check)
        content = gather(
            reader,
            plan,
            job.request,
            exported_at=job.created_at,
            include_hidden=self._include_hidden,
            recordings=recordings,
            readings=readings,
            check=check,
        )
        if isinstance(content.notebooks, Generator):
            # It may have a process run that looks into large notebooks.
            stack.callback(content.notebooks.close)
        return plan_archive(content)

    def _staging(self, job: ExportJob) -> StagingFile:
        folder = self._catalog.folder(job.session.id)
        return StagingFile(folder.exports / f"{job.id}.staging")

    def _table(self, job: ExportJob) -> Path:
        return self._catalog.folder(job.session.id).exports / f"{job.id}.readings"

    @staticmethod
    def _progress(job: ExportJob, plan: RecordPlan) -> Callable[[Progress], None]:
        """Tell the job how far it is; what lies outside the record is known a little ahead."""
        shown = [execution for execution in plan.executions if not execution.tool]
        job.progress.entries_total = sum(len(execution.member_rows) for execution in shown)
        recorded = sum(execution.bytes for execution in shown)
        job.progress.bytes_total = recorded

        def note(progress: Progress) -> None:
            job.progress.stage = "compressing"
            found = recorded + progress.found_bytes
            job.progress.bytes_total = max(job.progress.bytes_total, found)
            job.progress.advance(progress.entries, progress.raw_bytes)

        return note


def _without_asker(job: ExportJob, plan: RecordPlan) -> list[Any]:
    """Leave out the execution that asked for the export: it comes after the frozen position."""
    asker = job.request.asked_by
    if asker is None:
        return plan.executions
    return [e for e in plan.executions if not asker.is_digest(e.digest, e.incarnation)]


def _checked(chunks: Iterator[bytes], check: Check) -> Iterator[bytes]:
    for chunk in chunks:
        check()
        yield chunk
