"""An export as it is written down: enough to go on with it on another server."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..errors import ExportExpired, InvalidRequest, SessionExportError, error_of
from ..records.session import Session
from ..records.times import from_iso, from_iso_or_none, now, to_iso, to_iso_or_none
from ..records.timing import Timing
from ..stopwatch import Stopwatch
from .clients import Origin
from .job import CANCELLED, EXPIRED, FAILED, PREPARING, READY, ExportJob
from .progress import Progress
from .request import ExportRequest

VERSION = 1
_STATES = {PREPARING, READY, EXPIRED, FAILED, CANCELLED}


def state_of(job: ExportJob) -> dict[str, Any]:
    """Return the state of a job as JSON."""
    request, asker = job.request, job.request.asked_by
    return {
        "version": VERSION,
        "id": job.id,
        "state": job.state,
        "request": {
            "scope": request.scope,
            "path": request.path,
            "include": request.sections,
            "compression": request.compression,
            "tools": request.tools,
            "client_id": request.client_id,
            "asked_by": asker and {"kernel_id": asker.kernel_id, "msg_id": asker.msg_id},
        },
        "origin": asdict(job.origin) if job.origin else None,
        "created_at": to_iso(job.created_at),
        "finished_at": to_iso_or_none(job.finished_at),
        "left_out": job.left_out,
        "progress": job.progress.to_json(),
        "timing": job.progress.watch.timing().to_json(),
        "error": job.error.as_dict() if job.error else None,
    }


def ready_state(job: ExportJob, left_out: int) -> dict[str, Any]:
    """Return the state of a job whose ZIP has just been prepared."""
    state, watch = state_of(job), Stopwatch.stopped(job.progress.watch.timing())
    watch.end(READY)
    changes = {
        "state": READY,
        "finished_at": to_iso(now()),
        "left_out": left_out,
        "progress": {**state["progress"], "stage": READY},
        "timing": watch.timing().to_json(),
    }
    return {**state, **changes}


def job_of(state: dict[str, Any], session: Session, export_id: str) -> ExportJob:
    """Return the job that `state_of` told of, without its ZIP.

    Raises ExportExpired on another layout.
    """
    try:
        if (state["version"], state["id"]) != (VERSION, export_id):
            raise ValueError(f"it is {state['id']!r}, version {state['version']!r}")
        if state["state"] not in _STATES:
            raise ValueError(f"its state is {state['state']!r}")
        origin = Origin(**state["origin"]) if state["origin"] else None
        job = ExportJob(session, ExportRequest.parse(state["request"]), origin)
        job.id = export_id
        job.state = state["state"]
        job.created_at = job.last_used_at = from_iso(state["created_at"])
        job.finished_at = from_iso_or_none(state["finished_at"])
        job.left_out = int(state["left_out"])
        job.progress = _progress(state["progress"], state["timing"])
        job.error = error_of(state["error"]) if state["error"] else None
        if not job.under_way:
            job.over.set()
    except (
        KeyError,
        TypeError,
        ValueError,
        OverflowError,
        AttributeError,
        InvalidRequest,
    ) as error:
        raise ExportExpired("An export's state can't be read.", f"{error!r}") from error
    return job


def lost_job(
    session: Session, export_id: str, at: datetime, error: SessionExportError
) -> ExportJob:
    """Return an expired job in the place of one of which nothing is known but that it was there."""
    job = ExportJob(session, ExportRequest())
    job.id, job.state, job.error = export_id, EXPIRED, error
    job.created_at = job.finished_at = job.last_used_at = at
    job.progress.finish(EXPIRED)
    job.over.set()
    return job


def _progress(told: dict[str, Any], timing: dict[str, Any]) -> Progress:
    return Progress(
        entries_done=int(told["entries_done"]),
        entries_total=int(told["entries_total"]),
        bytes_done=int(told["bytes_done"]),
        bytes_total=int(told["bytes_total"]),
        watch=Stopwatch.stopped(Timing.from_json(timing)),
    )
