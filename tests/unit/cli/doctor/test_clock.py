"""Clocks are compared with each other and with the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jupyter_session_export.cli.doctor import clock
from jupyter_session_export.cli.doctor.clock import Reading, examine_clock, judge_record
from jupyter_session_export.records.session import Session, SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.store.catalog import Catalog


@pytest.fixture
def session(catalog: Catalog) -> Session:
    record = catalog.open(SessionKey("ada", "/lab"))
    record.close()
    return record.session


def codes(data_dir: Path, began: Reading | None = None) -> list[str]:
    return [finding.code for finding in examine_clock(data_dir, [], began or Reading.take())]


def test_clocks_that_agree(tmp_path: Path) -> None:
    """One finding; nothing is left."""
    assert codes(tmp_path) == ["CLOCK"]
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_was_active_in_the_future(session: Session) -> None:
    """By more than machines usually differ."""
    ahead = replace(session, number=7, last_active_at=now() + timedelta(days=2))
    soon = replace(session, last_active_at=now() + timedelta(seconds=10))
    (finding,) = judge_record([session, ahead, soon])
    assert finding.code == "CLOCK_BEHIND_RECORD"
    assert finding.facts["sessions"] == [7]
    assert "Session7 was last active" in finding.message
    assert list(judge_record([session, soon])) == []


@pytest.mark.parametrize("by", [-3600.0, 3600.0])
def test_a_clock_that_was_set_meanwhile(by: float, tmp_path: Path) -> None:
    """The steady one tells, in both directions."""
    present = Reading.take()
    assert codes(tmp_path, Reading(present.wall + by, present.steady)) == ["CLOCK_JUMPS"]


def test_a_clock_that_was_reset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This very code would not be installed yet, and files would have times of the future."""
    monkeypatch.setattr(clock.time, "time", lambda: 1000.0)
    assert codes(tmp_path) == ["CLOCK_IN_THE_PAST", "FILE_CLOCK_DIFFERS"]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The file system's clock is not asked; that is found elsewhere."""
    (tmp_path / "data").write_text("")
    assert codes(tmp_path / "data") == ["CLOCK"]
