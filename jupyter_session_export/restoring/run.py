"""A run of a cell, as pages and the command line see it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ..recording.encoding import to_bytes
from ..recording.standing import Ongoing, Queued
from ..records.execution import Execution, Status
from ..records.times import to_iso_or_none
from ..store.runs import RecordedRun

QUEUED = "queued"
"""The status of what its kernel is yet to run."""
DIED = "the recording has ended"
"""Why a run is lost that its record calls running, and nobody records any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`number` is None while it waits; figures and digest are None while it goes on.

    `current_kernel` tells whether the kernel process is alive that it ran in.
    """

    session_id: str
    number: int | None
    kernel_id: str
    incarnation: int
    msg_id: str
    cell_id: str | None
    notebook: str | None
    execution_count: int | None = None
    status: str
    cause: str | None = None
    submitted_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    source_sha256: str | None = None
    outputs: int | None = None
    bytes: int | None = None
    outputs_digest: str | None = None
    truncated: bool = False
    current_kernel: bool = False

    @property
    def begun_at(self) -> datetime | None:
        """When it began, or was submitted."""
        return self.started_at or self.submitted_at

    def to_json(self) -> dict[str, Any]:
        """Return the contract's `Run`."""
        return {
            "session_id": self.session_id,
            "number": self.number,
            "kernel_id": self.kernel_id,
            "incarnation": self.incarnation,
            "msg_id": self.msg_id,
            "cell_id": self.cell_id,
            "notebook": self.notebook,
            "execution_count": self.execution_count,
            "status": self.status,
            "cause": self.cause,
            "started_at": to_iso_or_none(self.started_at),
            "finished_at": to_iso_or_none(self.finished_at),
            "duration_ms": self._duration_ms(),
            "source_sha256": self.source_sha256,
            "outputs": self.outputs,
            "bytes": self.bytes,
            "outputs_digest": self.outputs_digest,
            "truncated": self.truncated,
            "current_kernel": self.current_kernel,
        }

    def in_kernels(self, incarnations: Mapping[str, int]) -> Run:
        """Return it with what is known of the kernels that are alive."""
        current = incarnations.get(self.kernel_id) == self.incarnation
        return replace(self, current_kernel=True) if current else self

    def _duration_ms(self) -> float | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return round(max(0.0, (self.finished_at - self.started_at).total_seconds() * 1000), 3)


def recorded_run(
    session_id: str, run: RecordedRun, incarnations: Mapping[str, int] = MappingProxyType({})
) -> Run:
    """Return a run as its record has it, with what is known of the kernels that are alive."""
    shown = run.shown
    return Run(
        session_id=session_id,
        number=run.number,
        kernel_id=run.kernel_id,
        incarnation=run.incarnation,
        msg_id=run.msg_id,
        cell_id=run.cell_id,
        notebook=run.notebook,
        execution_count=run.execution_count,
        status=run.status.value,
        cause=run.cause,
        submitted_at=run.submitted_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        source_sha256=run.source_sha256,
        truncated=run.truncated,
        outputs=None if shown is None else shown.outputs,
        bytes=None if shown is None else shown.bytes,
        outputs_digest=None if shown is None else shown.sha256,
        current_kernel=incarnations.get(run.kernel_id) == run.incarnation,
    )


def run_of(execution: Execution, source: str, size: int) -> Run:
    """Return the run that an execution is, with the size of what it has put out."""
    return Run(
        session_id=execution.session_id,
        number=execution.number,
        kernel_id=execution.kernel.id,
        incarnation=execution.key.incarnation,
        msg_id=execution.key.msg_id,
        cell_id=execution.cell_id,
        notebook=execution.notebook,
        execution_count=execution.execution_count,
        status=execution.status.value,
        cause=execution.cause,
        submitted_at=execution.submitted_at,
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        source_sha256=sha256_of(source),
        bytes=size,
        truncated=execution.truncated,
    )


def ongoing_run(ongoing: Ongoing, notebook: str | None) -> Run:
    """Return a run that isn't sealed; `notebook` is where its notebook lies now."""
    run = run_of(ongoing.execution, ongoing.source, ongoing.bytes)
    return replace(run, notebook=notebook)


def queued_run(session_id: str, queued: Queued) -> Run:
    """Return a run that its kernel hasn't begun."""
    request = queued.request
    return Run(
        session_id=session_id,
        number=None,
        kernel_id=request.kernel_id,
        incarnation=queued.incarnation,
        msg_id=request.msg_id,
        cell_id=request.cell_id,
        notebook=queued.notebook,
        status=QUEUED,
        submitted_at=request.received_at,
        source_sha256=sha256_of(request.code),
    )


def given_up(run: Run) -> Run:
    """Return a run of which nobody will tell the end."""
    if run.status != Status.RUNNING.value:
        return run
    return replace(run, status=Status.LOST.value, cause=DIED)


def sha256_of(source: str) -> str:
    return hashlib.sha256(to_bytes(source)).hexdigest()
