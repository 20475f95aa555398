"""Exports begun, followed, cancelled and forgotten."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import pytest

from jupyter_session_export.archive.hanging import HANGING
from jupyter_session_export.errors import (
    ExportCancelled,
    ExportExpired,
    ExportNotFound,
    ExportNotReady,
    InvalidRequest,
    SourceChanged,
    TooManyExports,
)
from jupyter_session_export.exports.clients import Client, Origin
from jupyter_session_export.exports.forgetting import MOST_READY, MOST_REMEMBERED
from jupyter_session_export.exports.job import ExportJob
from jupyter_session_export.exports.registry import MOST_DOWNLOADS, ExportRegistry
from jupyter_session_export.exports.request import ExportRequest
from jupyter_session_export.exports.transfer import Transfer

from .steps import Prepared, Steps, session, until


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
async def registry(steps: Steps) -> AsyncIterator[ExportRegistry]:
    registry = ExportRegistry(
        settle=steps.settle,
        prepare=steps.prepare,
        discard=steps.discard,
        limit=2,
        lifetime=timedelta(hours=1),
        log=logging.getLogger("test"),
    )
    yield registry
    await registry.close()


async def test_an_export_becomes_ready(registry: ExportRegistry, steps: Steps) -> None:
    """Once prepared it tells length, tag and how many files were left out."""
    job = registry.create(session(), ExportRequest())
    with pytest.raises(ExportNotReady):
        job.archive()
    steps.gate.set()
    await until(lambda: job.state == "ready")
    told = job.to_json()
    assert (told["bytes"], told["etag"], told["left_out"]) == (7, '"e"', 3)
    assert told["progress"]["percent"] == 100.0
    assert list(told["timing"]["per_stage"]) == ["settling", "ready"]
    assert sum(told["timing"]["distribution"].values()) == 100.0
    assert told["filename"].startswith("session_export_20")


async def test_a_job_tells_its_client_its_end_and_its_downloads(
    registry: ExportRegistry, steps: Steps
) -> None:
    """Each sending says where in the ZIP it began, how much there is and how much went out."""
    job = registry.create(session(), ExportRequest(client_id="tab-1"))
    told = job.to_json()
    assert (told["client_id"], told["finished_at"], told["downloads"]) == ("tab-1", None, [])
    assert told["progress"]["bytes_per_second"] is None
    steps.gate.set()
    await until(lambda: job.state == "ready")
    transfer = Transfer("x.zip", lambda check: iter(()), length=4)
    transfer.first_byte, transfer.sent = 3, 2
    job.sending(transfer)
    told = job.to_json()
    assert told["created_at"] <= told["finished_at"] <= told["downloads"][0].pop("started_at")
    assert told["downloads"] == [{"first_byte": 3, "total_bytes": 7, "sent_bytes": 2}]
    job.sent(transfer)
    assert job.to_json()["downloads"] == []


@pytest.mark.parametrize(("first_byte", "sent", "delivered"), [(0, 7, 1), (3, 4, 1), (0, 6, 0)])
async def test_a_job_counts_the_sendings_that_reached_the_end(
    registry: ExportRegistry, steps: Steps, first_byte: int, sent: int, delivered: int
) -> None:
    """A resumed one counts as much as a whole one; one that broke does not."""
    job = registry.create(session(), ExportRequest())
    steps.gate.set()
    await until(lambda: job.state == "ready")
    transfer = Transfer("x.zip", lambda check: iter(()))
    transfer.first_byte, transfer.sent = first_byte, sent
    job.sending(transfer)
    assert job.to_json()["delivered"] == 0
    job.sent(transfer)
    assert job.to_json()["delivered"] == delivered


async def test_an_owners_exports_are_listed_newest_first(
    registry: ExportRegistry, steps: Steps
) -> None:
    """All of them or those of one session, and nobody else's."""
    first = registry.create(session("ada"), ExportRequest())
    registry.create(session("bob"), ExportRequest())
    second = registry.create(session("ada"), ExportRequest())
    assert registry.all("ada") == [second, first]
    assert registry.all("ada", "0" * 32) == [second, first]
    assert registry.all("ada", "1" * 32) == []
    steps.gate.set()


async def test_another_owners_export_does_not_exist(registry: ExportRegistry, steps: Steps) -> None:
    """It is as unknown as an invented one."""
    job = registry.create(session("ada"), ExportRequest())
    assert registry.find("ada", job.id) is job
    for owner, export_id in [("bob", job.id), ("ada", "invented")]:
        with pytest.raises(ExportNotFound):
            registry.find(owner, export_id)
    steps.gate.set()


async def test_more_than_the_limit_is_refused_per_owner(
    registry: ExportRegistry, steps: Steps
) -> None:
    """One owner's exports don't keep another from theirs."""
    for _ in range(2):
        registry.create(session("ada"), ExportRequest())
    with pytest.raises(TooManyExports):
        registry.create(session("ada"), ExportRequest())
    registry.create(session("bob"), ExportRequest())
    steps.gate.set()


async def test_a_cancelled_export_ends_at_once_and_is_discarded(
    registry: ExportRegistry, steps: Steps
) -> None:
    """Its state changes now, and its worker stops at the next check."""
    job = registry.create(session(), ExportRequest())
    registry.cancel(job)
    assert job.state == "cancelled"
    await until(lambda: steps.discarded == [job])
    with pytest.raises(ExportCancelled):
        job.archive()
    assert job.to_json()["error"]["code"] == "CANCELLED_BY_USER"


async def test_a_ready_export_can_be_cancelled(registry: ExportRegistry, steps: Steps) -> None:
    """Cancelling what is ready removes its ZIP."""
    job = registry.create(session(), ExportRequest())
    steps.gate.set()
    await until(lambda: job.state == "ready")
    registry.cancel(job)
    assert job.to_json()["bytes"] is None
    await until(lambda: steps.discarded == [job])


@pytest.mark.parametrize(
    ("failure", "code"),
    [(InvalidRequest("no"), "INVALID_REQUEST"), (cast(Exception, KeyError("x")), "EXPORT_FAILED")],
)
async def test_a_failure_is_told_with_its_code(
    registry: ExportRegistry, steps: Steps, failure: Exception, code: str
) -> None:
    """Whatever goes wrong in the worker becomes the job's error."""
    steps.failure = failure
    steps.gate.set()
    job = registry.create(session(), ExportRequest())
    await until(lambda: job.state == "failed")
    assert job.to_json()["error"]["code"] == code
    await until(lambda: steps.discarded == [job])


async def test_what_nobody_fetches_expires(registry: ExportRegistry, steps: Steps) -> None:
    """A ZIP that was ready for longer than its lifetime goes; one being sent stays."""
    steps.gate.set()
    job = registry.create(session(), ExportRequest())
    await until(lambda: job.state == "ready")
    job.last_used_at -= timedelta(hours=2)
    transfer = Transfer("x.zip", lambda check: iter(()))
    job.sending(transfer)
    registry.forget()
    assert job.state == "ready"
    job.sent(transfer)
    job.last_used_at -= timedelta(hours=2)
    registry.forget()
    assert job.state == "expired"
    with pytest.raises(ExportExpired):
        job.archive()
    await until(lambda: steps.discarded == [job])


async def test_an_ended_job_is_forgotten_after_a_day(
    registry: ExportRegistry, steps: Steps
) -> None:
    """Until then it still says what became of it."""
    job = registry.create(session(), ExportRequest())
    registry.cancel(job)
    assert registry.find("ada", job.id) is job
    assert job.finished_at is not None
    job.finished_at -= timedelta(days=2)
    registry.forget()
    with pytest.raises(ExportNotFound):
        registry.find("ada", job.id)


async def test_of_many_that_ended_the_oldest_are_forgotten(registry: ExportRegistry) -> None:
    """One owner who cancels again and again neither fills the memory nor pushes others out."""
    other = registry.create(session("bob"), ExportRequest())
    registry.cancel(other)
    jobs = []
    for _ in range(MOST_REMEMBERED + 3):
        jobs.append(registry.create(session("ada"), ExportRequest()))
        registry.cancel(jobs[-1])
    registry.forget()
    assert registry.all("ada") == jobs[:2:-1]
    assert registry.all("bob") == [other]


async def test_of_many_that_are_ready_the_oldest_makes_room(
    registry: ExportRegistry, steps: Steps
) -> None:
    """An owner who prepares again and again doesn't fill the disk."""
    steps.gate.set()
    jobs = []
    for _ in range(MOST_READY + 2):
        jobs.append(registry.create(session(), ExportRequest()))
        await until(lambda: jobs[-1].state == "ready")
    assert [job.state for job in jobs] == ["expired"] * 2 + ["ready"] * MOST_READY


async def test_what_waits_to_be_tidied_does_not_hang(
    registry: ExportRegistry, steps: Steps
) -> None:
    """Of many that go at once each has its time, and none is counted as hanging."""
    steps.gate.set()
    jobs = []
    for _ in range(MOST_READY):
        jobs.append(registry.create(session(), ExportRequest()))
        await until(lambda: jobs[-1].state == "ready")
    steps.slowness = 0.3
    await registry.cancel_all(jobs[0].session.id, "x", ready=True)
    assert set(steps.discarded) == set(jobs)
    assert HANGING.all() == []


async def test_what_can_not_be_sent_any_more_is_discarded(
    registry: ExportRegistry, steps: Steps
) -> None:
    """By a thread: to remove gigabytes takes a while, and the event loop serves others."""
    steps.gate.set()
    job = registry.create(session(), ExportRequest())
    await until(lambda: job.state == "ready")
    steps.slowness = 0.3
    registry.lose(job, SourceChanged("x"))
    registry.lose(job, SourceChanged("x"))
    assert (job.state, steps.discarded) == ("failed", [])
    await until(lambda: steps.discarded == [job])


async def test_a_one_shot_download_that_is_over_is_not_cancelled(
    registry: ExportRegistry, steps: Steps
) -> None:
    """It has arrived: a page that is loaded again must not be told that it was ended."""
    origin = Origin("0" * 32, "tab", 1)
    job = registry.stream(session(), ExportRequest(client_id="tab"), origin)
    client = Client("tab", "0" * 32, "ada", 2)
    assert registry.of_client(client) == [job]
    transfer = Transfer("x.zip", lambda check: iter(()), ended=job.sent)
    job.sending(transfer)
    transfer.end()
    assert registry.of_client(client) == []
    await registry.cancel_all("0" * 32, "x", ready=True)
    assert job.error is None


async def test_cancelling_ends_what_is_being_sent(registry: ExportRegistry, steps: Steps) -> None:
    """A client that doesn't read can't hold a cancelled export."""
    steps.gate.set()
    job = registry.create(session(), ExportRequest())
    await until(lambda: job.state == "ready")
    transfer = Transfer("x.zip", lambda check: iter(()))
    woken: list[bool] = []
    transfer.on_stop = lambda: woken.append(True)
    job.sending(transfer)
    registry.cancel(job)
    assert woken == [True]
    assert isinstance(transfer.reason, ExportCancelled)


async def test_downloads_are_bounded_per_owner(registry: ExportRegistry, steps: Steps) -> None:
    """Each takes memory; when one ends there is room for another."""
    steps.gate.set()
    job = registry.create(session(), ExportRequest())
    await until(lambda: job.state == "ready")
    transfers = [Transfer("x.zip", lambda check: iter(())) for _ in range(MOST_DOWNLOADS)]
    for transfer in transfers:
        registry.admit_download(job)
        job.sending(transfer)
    with pytest.raises(TooManyExports):
        registry.admit_download(job)
    job.sent(transfers[0])
    registry.admit_download(job)


async def test_one_shot_downloads_are_bounded_from_their_beginning(
    registry: ExportRegistry,
) -> None:
    """Also those that haven't come as far as to send anything; one that fails makes room."""
    first, _ = (registry.stream(session(), ExportRequest()) for _ in range(2))
    with pytest.raises(TooManyExports):
        registry.stream(session(), ExportRequest())
    first.fail(InvalidRequest("no"))
    third = registry.stream(session(), ExportRequest())
    transfer = Transfer("x.zip", lambda check: iter(()))
    third.sending(transfer)
    third.sent(transfer)
    registry.stream(session(), ExportRequest())


async def test_a_worker_that_hangs_is_given_up(registry: ExportRegistry, steps: Steps) -> None:
    """Its export ends and is discarded all the same, and once more should it come back."""
    steps.deaf = True
    job = registry.create(session("hung-owner"), ExportRequest())
    await until(lambda: registry.runner.crew.working == 1)
    registry.cancel(job)
    await until(lambda: steps.discarded == [job])
    assert len(HANGING.of("hung-owner")) == 1
    assert registry.runner.crew.working == 0
    steps.gate.set()
    await until(lambda: steps.discarded == [job, job])
    await until(lambda: not HANGING.of("hung-owner"))
    assert job.state == "cancelled"


async def test_a_settling_that_hangs_ends_with_its_export(
    registry: ExportRegistry, steps: Steps
) -> None:
    """Nobody waits for a record any longer than for its export."""
    steps.endless = True
    job = registry.create(session(), ExportRequest())
    await until(lambda: job.progress.stage == "settling")
    registry.cancel(job)
    await until(lambda: steps.discarded == [job])
    assert job.state == "cancelled"


async def test_what_ended_an_export_keeps_nothing_alive(
    registry: ExportRegistry, steps: Steps
) -> None:
    """An error that is remembered for a day has no traceback, and so none of its frames."""
    steps.failure = InvalidRequest("no")
    steps.gate.set()
    job = registry.create(session(), ExportRequest())
    await until(lambda: job.state == "failed")
    assert job.error is not None
    assert job.error.__traceback__ is None
    with pytest.raises(InvalidRequest):
        job.archive()
    assert job.error.__traceback__ is None


async def test_what_is_ready_outlives_the_registry(steps: Steps) -> None:
    """It is put down for the next server; what is under way ends as failed, and is discarded."""
    put_down: list[ExportJob] = []
    registry = ExportRegistry(
        settle=steps.settle,
        prepare=steps.prepare,
        discard=steps.discard,
        put_down=put_down.append,
        limit=2,
        lifetime=timedelta(hours=1),
        log=logging.getLogger("test"),
    )
    steps.gate.set()
    ready = registry.create(session(), ExportRequest())
    await until(lambda: ready.state == "ready")
    transfer = Transfer("x.zip", lambda check: iter(()))
    ready.sending(transfer)
    steps.gate.clear()
    preparing = registry.create(session(), ExportRequest())
    await registry.close()
    assert (ready.state, put_down) == ("ready", [ready])
    assert transfer.reason is not None
    assert (preparing.state, steps.discarded) == ("failed", [preparing])
    assert preparing.to_json()["error"]["code"] == "EXPORT_FAILED"


async def test_exports_of_an_earlier_server_are_taken_in(
    registry: ExportRegistry, steps: Steps
) -> None:
    """They are found and listed by age; one whose lifetime is over by now has expired."""
    old, young, ended = (ExportJob(session(), ExportRequest()) for _ in range(3))
    for job in (old, young):
        job.ready(cast(Any, Prepared()))
    old.last_used_at -= timedelta(hours=2)
    ended.cancel(ExportCancelled("enough"))
    registry.adopt([old, young, ended])
    assert registry.all("ada") == [ended, young, old]
    assert registry.find("ada", young.id) is young
    assert [old.state, young.state, ended.state] == ["expired", "ready", "cancelled"]
    await until(lambda: steps.discarded == [old])
