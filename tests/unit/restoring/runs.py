"""Cells and runs that were made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jupyter_session_export.records.times import from_iso
from jupyter_session_export.restoring.notebook import CodeCell
from jupyter_session_export.restoring.outputs import RunOutputs
from jupyter_session_export.restoring.run import Run, sha256_of

ENDED = "2026-01-31T12:00:00.000000Z"
LATER = "2026-01-31T13:00:00.000000Z"


def run_of(source: str, number: int = 1, *, cell_id: str | None = None, **more: Any) -> Run:
    """Return a run that has ended well."""
    run = Run(
        session_id="0" * 32,
        number=number,
        kernel_id="k1",
        incarnation=1,
        msg_id=f"m{number}",
        cell_id=cell_id,
        notebook="a.ipynb",
        execution_count=number,
        status="ok",
        started_at=from_iso(ENDED),
        finished_at=from_iso(ENDED),
        source_sha256=sha256_of(source),
    )
    return replace(run, **more)


def cell_of(source: str, place: int = 0, **more: Any) -> CodeCell:
    """Return a cell that has no outputs."""
    document = {
        "cell_type": "code",
        "id": f"c{place}",
        "source": source,
        "outputs": [],
        "execution_count": None,
        "metadata": {},
    }
    return CodeCell(place, {**document, **more})


def text(content: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": content}


def outputs_of(run: Run, *outputs: dict[str, Any]) -> RunOutputs:
    timing = {"iopub.status.idle": ENDED}
    return RunOutputs(run, "", list(outputs), timing)
