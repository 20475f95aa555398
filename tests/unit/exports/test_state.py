from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.errors import (
    CancelledSessionChange,
    ExportExpired,
    NotebookNotFound,
    SessionExportError,
    SourceChanged,
    StoreUnavailable,
)
from jupyter_session_export.exports.clients import Origin
from jupyter_session_export.exports.job import ExportJob
from jupyter_session_export.exports.request import Asker, ExportRequest
from jupyter_session_export.exports.state import job_of, state_of
from jupyter_session_export.records.sections import SECTIONS
from jupyter_session_export.server.statuses import status_of

from .steps import session

NAMES = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=20)
REQUESTS = st.builds(
    ExportRequest,
    scope=st.just("notebook"),
    path=NAMES,
    include=st.frozensets(st.sampled_from(SECTIONS), min_size=1),
    compression=st.sampled_from(["maximum", "fast"]),
    client_id=st.none() | st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    asked_by=st.none() | st.builds(Asker, NAMES, NAMES),
)


def again(job: ExportJob) -> ExportJob:
    state = json.loads(json.dumps(state_of(job)))
    return job_of(state, job.session, job.id)


@given(REQUESTS, st.none() | st.builds(Origin, NAMES, NAMES, st.integers(0)))
def test_any_request_is_read_as_it_was_written(
    request: ExportRequest, origin: Origin | None
) -> None:
    """With who began it."""
    job = ExportJob(session(), request, origin)
    assert (again(job).request, again(job).origin) == (request, origin)


@pytest.mark.parametrize(
    "error",
    [
        CancelledSessionChange("it", "do"),
        NotebookNotFound("it"),
        SourceChanged("it"),
        StoreUnavailable("it", "do"),
    ],
)
def test_an_error_is_told_again_as_it_was(error: SessionExportError) -> None:
    """Code, message, detail and HTTP status."""
    job = ExportJob(session(), ExportRequest())
    job.fail(error)
    read = again(job)
    assert read.error is not None
    assert read.error.as_dict() == error.as_dict()
    assert status_of(read.error) == status_of(error)
    assert read.over.is_set()
    assert {**read.to_json(), "progress": None} == {**job.to_json(), "progress": None}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"id": "x"},
        {"state": "odd"},
        {"request": None},
        {"request": {"include": ["odd"]}},
        {"origin": {"odd": 1}},
        {"created_at": "yesterday"},
        {"created_at": "0001-01-01T00:00:00+23:00"},
        {"left_out": "many"},
        {"left_out": float("inf")},
        {"progress": {}},
        {"error": {"code": "X"}},
    ],
)
def test_another_layout_is_refused(change: dict[str, Any]) -> None:
    """It is an export that can't be had any more, not an error of ours."""
    job = ExportJob(session(), ExportRequest())
    with pytest.raises(ExportExpired):
        job_of({**state_of(job), **change}, job.session, job.id)
