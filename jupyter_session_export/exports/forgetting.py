"""Which exports a server lets go of (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from .job import READY, ExportJob

REMEMBERED = timedelta(hours=24)
"""How long an ended export still answers with what became of it."""
MOST_REMEMBERED = 200
"""Ended exports of one owner; beyond that, the ones that ended first are forgotten."""
MOST_READY = 8
"""Of so many ZIPs that an owner has ready and nobody fetches, the oldest makes room."""


def to_expire(jobs: Iterable[ExportJob], lifetime: timedelta, present: datetime) -> list[ExportJob]:
    """Return the ZIPs that nobody has fetched for too long."""
    return [job for job in jobs if is_idle(job) and present - job.last_used_at > lifetime]


def to_make_room(jobs: Iterable[ExportJob]) -> list[ExportJob]:
    """Return which of one owner's ZIPs go before another one is made."""
    idle = sorted(filter(is_idle, jobs), key=lambda job: job.last_used_at)
    return idle[: max(0, len(idle) - MOST_READY + 1)]


def to_forget(jobs: Iterable[ExportJob], present: datetime) -> list[ExportJob]:
    """Return the ended exports that nobody asks for any more."""
    ended: defaultdict[str, list[ExportJob]] = defaultdict(list)
    for job in jobs:
        if job.has_ended:
            ended[job.session.owner].append(job)
    return [job for mine in ended.values() for job in _old(mine, present)]


def _old(ended: list[ExportJob], present: datetime) -> Sequence[ExportJob]:
    ended.sort(key=_finished)
    surplus = max(0, len(ended) - MOST_REMEMBERED)
    return ended[:surplus] + [
        job for job in ended[surplus:] if present - _finished(job) > REMEMBERED
    ]


def _finished(job: ExportJob) -> datetime:
    return job.finished_at or job.created_at


def is_idle(job: ExportJob) -> bool:
    """Tell whether a ZIP is ready and nobody fetches it."""
    return job.state == READY and not job.transfers
