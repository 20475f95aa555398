from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export import cleanup_old_sessions
from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog


def test_old_sessions_are_removed(tmp_path: Path) -> None:
    """By age, at once; a dry run only says so."""
    catalog = Catalog(tmp_path / "data")
    record = catalog.open(SessionKey("ada", ""))
    record.close()
    assert not cleanup_old_sessions(1, data_dir=catalog.data_dir).removed
    assert cleanup_old_sessions(0, dry_run=True, data_dir=catalog.data_dir).removed
    assert record.folder.path.exists()
    (outcome,) = cleanup_old_sessions(max_age_hours=0, data_dir=catalog.data_dir).removed
    assert outcome.session_id == record.session.id
    assert not record.folder.path.exists()


@pytest.mark.parametrize("age", [-1, float("nan"), float("inf")])
def test_an_age_that_is_none_is_refused(tmp_path: Path, age: float) -> None:
    """Rather than taken for any."""
    with pytest.raises(InvalidRequest):
        cleanup_old_sessions(age, data_dir=tmp_path)
