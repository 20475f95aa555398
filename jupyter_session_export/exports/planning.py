"""Plans the ZIP of an export: its record, frozen, and what else belongs to the session."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..archive.contents import ArchiveContent
from ..archive.plan import SessionPlan, plan_archive
from ..archive.progress import Callback, Progress
from ..records.recording import PassedOver, Recording
from ..store.plan import RecordPlan
from ..store.reader import RecordReader
from .belongings import Belongings
from .gathering import gather, notebook_of
from .job import ExportJob
from .progress import COMPRESSING
from .readings import SessionReadings
from .transfer import Check


class Planner:
    """Any thread may call."""

    def __init__(self, belongings: Belongings | None, *, include_hidden: bool) -> None:
        self._belongings = belongings
        self._include_hidden = include_hidden

    def reads(self, job: ExportJob) -> bool:
        """Tell whether the plan has readings, for which it makes a table."""
        return self._belongings is not None and "data" in job.request.include

    @contextmanager
    def plan(
        self, job: ExportJob, reader: RecordReader, table: Path, check: Check
    ) -> Iterator[tuple[SessionPlan, Callback]]:
        """Give the plan, and what is told of its progress; the record is pinned meanwhile."""
        notebook = notebook_of(job.request, reader.notebooks(), reader.session.root)
        frozen = job.frozen_at
        with reader.plan(tools=True, notebook=notebook, logged_until=frozen) as plan:
            plan.executions[:] = _without_asker(job, plan)
            readings = self._readings(job, reader, table, check)
            content = self._gather(job, reader, plan, readings, check)
            try:
                yield plan_archive(content), _progress(job, plan)
            finally:
                if isinstance(content.notebooks, Generator):
                    # It may have a process run that looks into large notebooks.
                    content.notebooks.close()
                if readings is not None:
                    readings.close()

    def _readings(
        self, job: ExportJob, reader: RecordReader, table: Path, check: Check
    ) -> SessionReadings | None:
        if self._belongings is None or not self.reads(job):
            return None
        return self._belongings.readings(
            reader.session,
            folder=reader.folder.path,
            table=table,
            present=job.created_at,
            check=check,
        )

    def _gather(
        self,
        job: ExportJob,
        reader: RecordReader,
        plan: RecordPlan,
        readings: SessionReadings | None,
        check: Check,
    ) -> ArchiveContent:
        recordings: Iterable[Recording | PassedOver] = ()
        if self._belongings is not None:
            recordings = self._belongings.recordings(reader.session, job.created_at, check)
        content = gather(
            reader,
            plan,
            job.request,
            exported_at=job.created_at,
            include_hidden=self._include_hidden,
            unrecorded=() if self._belongings is None else self._belongings.unrecorded,
            check=check,
        )
        return replace(content, recordings=recordings, readings=readings)


def _progress(job: ExportJob, plan: RecordPlan) -> Callback:
    """Tell the job how far it is; what lies outside the record is known a little ahead."""
    tools = job.request.tools
    shown = [execution for execution in plan.executions if tools or not execution.tool]
    job.progress.entries_total = sum(len(execution.member_rows) for execution in shown)
    recorded = sum(execution.bytes for execution in shown)
    job.progress.bytes_total = recorded

    def note(progress: Progress) -> None:
        job.progress.watch.enter(COMPRESSING)
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
