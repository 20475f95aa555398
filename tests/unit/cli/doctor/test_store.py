"""Records are checked one by one, and measured against the quota."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_session_export.cli.doctor import store
from jupyter_session_export.cli.doctor.store import examine_store, judge_quota
from jupyter_session_export.errors import StoreTooNew, StoreUnavailable
from jupyter_session_export.records.session import Session, SessionKey
from jupyter_session_export.store.catalog import Catalog

QUOTA = 10**12


@pytest.fixture
def sessions(catalog: Catalog) -> list[Session]:
    """Session2 and Session1, closed."""
    for record in [catalog.open(SessionKey("ada", root)) for root in ("/a", "/b")]:
        record.close()
    return catalog.sessions()


def codes(catalog: Catalog) -> list[str]:
    return [finding.code for finding in examine_store(catalog, QUOTA)]


def test_whole_records_are_one_finding(catalog: Catalog, sessions: list[Session]) -> None:
    """With their number and size."""
    (finding,) = examine_store(catalog, QUOTA)
    assert finding.code == "STORE"
    assert finding.facts["sessions"] == len(sessions)
    assert finding.facts["bytes"] > 0


def test_nothing_recorded_yet(catalog: Catalog) -> None:
    """Is well."""
    assert codes(catalog) == ["STORE"]


def test_damaged_records_are_named(catalog: Catalog, sessions: list[Session]) -> None:
    """With what moves them away; the others are checked all the same."""
    newer, older = (catalog.folder(session.id) for session in sessions)
    newer.session_json.write_text("{")
    os.truncate(newer.session_json, 1)
    with older.database.open("r+b") as file:
        file.write(os.urandom(4096))
    by_list, by_check = examine_store(catalog, QUOTA)
    assert by_list.code == by_check.code == "SESSION_DAMAGED"
    assert by_list.facts["session_id"] == newer.session_id
    assert by_check.message.startswith("Session1 is damaged: ")
    target = catalog.data_dir / f"damaged-{older.session_id[:8]}"
    assert by_check.remedy == f"mv {older.path} {target}"


def test_one_session_alone(catalog: Catalog, sessions: list[Session]) -> None:
    """The other's damage is not looked for then."""
    os.truncate(catalog.folder(sessions[1].id).database, 100)
    assert [finding.code for finding in examine_store(catalog, 0, sessions[:1])] == ["STORE"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreTooNew("New.", "9"), "SESSION_TOO_NEW"),
        (StoreUnavailable("No."), "SESSION_UNREADABLE"),
    ],
)
def test_what_else_may_be(
    error: Exception, code: str, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a code of its own."""
    catalog.open(SessionKey("ada", "/a")).close()

    def fail(*_: object) -> bool:
        raise error

    monkeypatch.setattr(store, "examine_record", fail)
    assert codes(catalog) == [code]


@pytest.mark.usefixtures("sessions")
def test_records_that_take_too_long(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many were not checked is said, and how one of them can be."""
    monkeypatch.setattr(store, "examine_record", lambda *_: False)
    (finding,) = examine_store(catalog, QUOTA)
    assert finding.code == "STORE_NOT_ALL_CHECKED"
    assert finding.facts["sessions"] == [2, 1]


def test_sessions_that_cannot_be_listed(tmp_path: Path) -> None:
    """A file where their folder should be."""
    (tmp_path / "sessions").write_text("")
    assert codes(Catalog(tmp_path)) == ["STORE_UNREADABLE"]


@pytest.mark.parametrize(
    ("taken", "told"),
    [(94, []), (96, ["QUOTA_NEARLY_FULL"]), (98, ["QUOTA_FULL"]), (200, ["QUOTA_FULL"])],
)
def test_the_quota(taken: int, told: list[str]) -> None:
    """As the clean-up counts: from 95 % on sessions go, from 98 % on nothing is recorded."""
    assert [finding.code for finding in judge_quota(taken, 100)] == told
    assert list(judge_quota(taken, 0)) == []
