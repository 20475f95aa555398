"""Exports without a server: straight from a record to a file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DestinationUnwritable
from ..records.finding import Insights
from ..records.times import now
from ..settings import SessionExport
from ..store.catalog import Catalog
from .archiver import Archiver
from .belongings import Belongings
from .insights import session_insights
from .job import ExportJob
from .progress import Progress
from .request import ExportRequest
from .stats import Statistics
from .transfer import Check


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A ZIP that was written; `left_out` counts what is not in it as it should be."""

    path: Path
    bytes: int
    entries: int
    left_out: int


def export_to_file(
    catalog: Catalog,
    session_id: str,
    destination: Path,
    request: ExportRequest,
    *,
    settings: SessionExport,
    frozen_at: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    check: Check | None = None,
) -> ExportResult:
    """Write a session's ZIP to a file that is made or overwritten.

    What was logged after the record's position `frozen_at` is left out.

    Raises DestinationUnwritable, what `check` raises, and what the record raises;
    the caller removes the file then.
    """
    job = ExportJob(catalog.find(session_id), request)
    job.frozen_at = frozen_at
    archiver = Archiver(
        catalog,
        belongings=Belongings.by(settings),
        workers=settings.workers,
        include_hidden=settings.include_hidden,
    )
    written = 0
    with closing(archiver.stream(job)) as chunks:
        try:
            with destination.open("wb") as file:
                for chunk in chunks:
                    if check:
                        check()
                    file.write(chunk)
                    written += len(chunk)
                    if progress:
                        progress(job.progress)
        except OSError as error:
            raise DestinationUnwritable(
                f"The ZIP can't be written to {destination}.", str(error)
            ) from error
    return ExportResult(destination, written, job.progress.entries_done, job.left_out)


def session_stats(catalog: Catalog, session_id: str, settings: SessionExport) -> dict[str, Any]:
    """Return the figures of a session. Raises SessionNotFound or another StoreError."""
    statistics = Statistics(
        catalog, Belongings.by(settings), include_hidden=settings.include_hidden
    )
    return statistics.of(session_id)


def recorded_insights(catalog: Catalog, session_id: str) -> Insights:
    """Return the insights of a session so far. Raises SessionNotFound or another StoreError."""
    with catalog.read(session_id) as reader, reader.plan() as plan:
        return session_insights(reader, plan, now().timestamp())
