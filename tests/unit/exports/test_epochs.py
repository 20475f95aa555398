"""Exports of earlier epochs end."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jupyter_session_export.errors import CancelledSessionChange, StoreUnavailable
from jupyter_session_export.exports.clients import Origin
from jupyter_session_export.exports.epochs import Epochs
from jupyter_session_export.exports.job import ExportJob
from jupyter_session_export.exports.registry import ExportRegistry
from jupyter_session_export.exports.request import ExportRequest
from jupyter_session_export.exports.transfer import Transfer
from jupyter_session_export.records.session import Session

from .steps import Steps, session, until

MINE = replace(session(), id="a" * 32)


class Change:
    """The registry, its epochs, and what was audited."""

    def __init__(self, steps: Steps) -> None:
        self.log = logging.getLogger("test.epochs")
        self.audited: list[tuple[str, str, Any]] = []
        self.left: list[Origin] = []
        self.back: list[ExportJob] = []
        self.unreadable = False
        self.exports = ExportRegistry(
            settle=steps.settle,
            prepare=steps.prepare,
            discard=steps.discarded.append,
            limit=9,
            lifetime=timedelta(hours=1),
            log=self.log,
        )
        self.epochs = self.with_setting(cancels=True)

    def with_setting(self, *, cancels: bool) -> Epochs:
        return Epochs(
            self.exports,
            cancels=cancels,
            audit=self._audit,
            returned=self._returned,
            log=self.log,
        )

    async def _returned(self, owner: str) -> None:
        """Have the exports back that an earlier server left, or not."""
        assert owner == MINE.owner
        if self.unreadable:
            raise StoreUnavailable("no")
        origins, self.left = self.left, []
        for origin in origins:
            job = self.exports.create(MINE, ExportRequest(client_id=origin.client_id), origin)
            self.epochs.restore(origin, MINE.owner)
            self.back.append(job)

    def begin(self, client: str | None, of: Session = MINE) -> ExportJob:
        origin = self.epochs.origin(MINE, client) if client else None
        return self.exports.create(of, ExportRequest(client_id=client), origin)

    def _audit(self, of: Session, action: str, target: str, detail: dict[str, Any]) -> None:
        self.audited.append((action, target, detail["client_id"]))


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
async def change(steps: Steps) -> AsyncIterator[Change]:
    change = Change(steps)
    yield change
    await change.exports.close()


async def test_a_page_load_ends_what_that_page_began_before(
    change: Change, caplog: pytest.LogCaptureFixture
) -> None:
    """Preparing or ready; the log tells both epochs, and the audit names each export."""
    caplog.set_level(logging.INFO, "test.epochs")
    await change.epochs.page_loaded(MINE, "tab", None)
    job, other, nobodys = change.begin("tab"), change.begin("other"), change.begin(None)
    assert job.to_json()["epoch"] == 1
    client, cancelled = await change.epochs.page_loaded(MINE, "tab", None)
    assert (client.epoch, cancelled) == (2, [job])
    assert job.to_json()["error"]["code"] == "CANCELLED_SESSION_CHANGE"
    assert other.under_way
    assert nobodys.under_way
    assert "epoch 1 is now 2, 1 exports cancelled" in caplog.text
    assert change.audited == [("export.cancelled", job.id, "tab")]


async def test_a_ready_export_and_its_downloads_end_too(change: Change, steps: Steps) -> None:
    """A reload in mid-download ends the download."""
    steps.gate.set()
    job = change.begin("tab")
    await until(lambda: job.state == "ready")
    transfer = Transfer("x.zip", lambda check: iter(()))
    job.sending(transfer)
    await change.epochs.page_loaded(MINE, "tab", None)
    assert job.state == "cancelled"
    assert isinstance(transfer.reason, CancelledSessionChange)
    await until(lambda: steps.discarded == [job])


async def test_a_one_shot_download_ends_too(change: Change) -> None:
    """It belongs to the page that asked for it, though it is no job that can be looked at."""
    origin = change.epochs.origin(MINE, "tab")
    job = change.exports.stream(MINE, ExportRequest(client_id="tab"), origin)
    transfer = Transfer("x.zip", lambda check: iter(()))
    job.sending(transfer)
    _, cancelled = await change.epochs.page_loaded(MINE, "tab", None)
    assert cancelled == [job]
    assert isinstance(transfer.reason, CancelledSessionChange)


async def test_what_the_new_page_begins_stays(change: Change) -> None:
    """Only earlier epochs end, and none twice."""
    old = change.begin("tab")
    await change.epochs.page_loaded(MINE, "tab", None)
    new = change.begin("tab")
    assert (await change.epochs.page_loaded(MINE, "other", None))[1] == []
    assert not old.under_way
    assert new.under_way
    assert (await change.epochs.page_loaded(MINE, "tab", None))[1] == [new]


async def test_an_export_of_another_session_belongs_to_the_page_all_the_same(
    change: Change,
) -> None:
    """A page may export an earlier session of its owner's."""
    job = change.begin("tab", replace(MINE, id="b" * 32))
    assert (await change.epochs.page_loaded(MINE, "tab", None))[1] == [job]


async def test_the_end_of_a_session_ends_what_its_pages_began(change: Change, steps: Steps) -> None:
    """Also what is ready; a ZIP that no page asked for stays, as its kernel may fetch it yet."""
    steps.gate.set()
    pages, kernels = change.begin("tab"), change.begin(None)
    await until(lambda: pages.state == kernels.state == "ready")
    await change.epochs.end_session(MINE, "The session has ended.")
    assert (pages.state, kernels.state) == ("cancelled", "ready")
    assert change.epochs.to_json("ada", None) == []


async def test_signing_out_ends_what_that_browser_began(change: Change) -> None:
    """All tabs of it, and no other browser's."""
    await change.epochs.page_loaded(MINE, "tab-1", "browser-1")
    await change.epochs.page_loaded(MINE, "tab-2", "browser-2")
    first, second = change.begin("tab-1"), change.begin("tab-2")
    change.epochs.signed_out("browser-1")
    assert (first.state, second.state) == ("cancelled", "preparing")


async def test_it_can_be_turned_off(change: Change) -> None:
    """Then epochs go up and nothing ends."""
    change.epochs = change.with_setting(cancels=False)
    job = change.begin("tab")
    client, cancelled = await change.epochs.page_loaded(MINE, "tab", None)
    assert (client.epoch, cancelled) == (1, [])
    await change.epochs.end_session(MINE, "The session has ended.")
    assert job.under_way


async def test_clients_are_listed_with_their_exports(change: Change) -> None:
    """Ended exports don't count."""
    change.begin("tab")
    change.exports.cancel(change.begin("tab"))
    (told,) = change.epochs.to_json("ada", MINE.id)
    assert (told["client_id"], told["exports"], told["epoch"]) == ("tab", 1, 0)
    assert change.epochs.to_json("ada", "b" * 32) == []
    assert change.epochs.to_json("bob", None) == []


async def test_exports_of_an_earlier_server_belong_to_their_page(change: Change) -> None:
    """The first page load waits for them, and is later than the epoch of which they tell."""
    change.left = [Origin(MINE.id, "tab", 5)]
    client, cancelled = await change.epochs.page_loaded(MINE, "tab", None)
    assert client.epoch == 6
    assert cancelled == change.back


async def test_a_disk_that_cannot_be_read_keeps_no_page_from_loading(change: Change) -> None:
    """What it holds can't be known then."""
    change.unreadable = True
    client, cancelled = await change.epochs.page_loaded(MINE, "tab", None)
    assert (client.epoch, cancelled) == (1, [])


async def test_a_page_load_without_a_sign_in_takes_none_away(change: Change) -> None:
    """A kernel's key may raise an epoch; the browser signs out all the same."""
    await change.epochs.page_loaded(MINE, "tab", "browser-1")
    await change.epochs.page_loaded(MINE, "tab", None)
    job = change.begin("tab")
    change.epochs.signed_out("browser-1")
    assert job.state == "cancelled"
