from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jupyter_session_export.errors import SessionInUse, SessionLeased, SessionNotFound
from jupyter_session_export.records.activity import AUDIT, LogLine
from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.custody import Custody
from jupyter_session_export.store.record import Record


def test_a_session_that_nobody_uses_can_be_ended(
    catalog: Catalog, record: Record, key: SessionKey, at: datetime
) -> None:
    """Nobody resumes it then, and nobody is let in by its key."""
    record.folder.write_private(record.folder.access_json, b"{}")
    record.close()
    with catalog.custody(record.session.id) as custody:
        custody.end(at)
    assert catalog.find(record.session.id).ended_at == at
    assert not record.folder.access_json.exists()
    other = catalog.open(key)
    assert other.session.id != record.session.id
    other.close()


def test_a_session_that_is_written_is_refused(catalog: Catalog, record: Record) -> None:
    """Also by this very process."""
    with pytest.raises(SessionLeased):
        catalog.custody(record.session.id)
    assert catalog.in_use(record.session.id)


def test_a_session_in_custody_is_not_resumed(
    catalog: Catalog, record: Record, key: SessionKey
) -> None:
    """Whoever opens one gets another."""
    record.close()
    with catalog.custody(record.session.id):
        other = catalog.open(key)
        assert other.session.id != record.session.id
        other.close()


def test_a_session_that_is_pinned_is_refused(catalog: Catalog, record: Record) -> None:
    """The lease is given back at once."""
    record.close()
    pin = catalog.pin(record.session.id)
    for one in (catalog, Catalog(catalog.data_dir)):
        assert one.is_exported(record.session.id)
        with pytest.raises(SessionInUse):
            one.custody(record.session.id)
    pin.release()
    catalog.custody(record.session.id).release()
    assert not catalog.in_use(record.session.id)


def test_custody_knows_what_a_crash_left(catalog: Catalog, record: Record) -> None:
    """Executions whose journal lies in the spool can still be recovered."""
    record.close()
    with catalog.custody(record.session.id) as custody:
        assert not custody.was_cut_off
        (record.folder.spool / "1").mkdir()
        assert custody.was_cut_off


def test_a_session_that_is_a_link_is_none(catalog: Catalog, record: Record) -> None:
    """Nothing is done where it leads."""
    planted = "f" * 32
    Path(catalog.sessions_dir / planted).symlink_to(record.folder.path)
    with pytest.raises(SessionNotFound):
        catalog.custody(planted)


def test_a_session_that_was_idle_too_long_is_not_resumed(
    catalog: Catalog, record: Record, key: SessionKey
) -> None:
    """It has come to its end, though nobody has noted that yet."""
    record.touch(now() - timedelta(hours=2))
    record.close()
    fresh = catalog.open(key, idle=timedelta(hours=1))
    assert fresh.session.id != record.session.id
    fresh.close()


def test_saved_variables_go_when_nobody_can_use_them(catalog: Catalog, record: Record) -> None:
    """A process that is gone doesn't go on; and a purge leaves no trace."""
    record.close()
    states = record.folder.states
    line = LogLine(AUDIT, now(), record.session.id, None, "record.purged")
    uses: list[Callable[[Custody], object]] = [
        lambda custody: custody.purge(PurgeScope(), lambda _: line),
        lambda custody: custody.end(now()),
    ]
    for use in uses:
        states.mkdir()
        (states / "one.json").touch()
        with catalog.custody(record.session.id) as custody:
            use(custody)
        assert not states.exists()
