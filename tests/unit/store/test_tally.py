"""How many executions, errors, notebooks and kernels a session has."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.records.execution import Execution, Kernel, Status
from jupyter_session_export.records.session import Counts
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.database import Database
from jupyter_session_export.store.record import Record
from jupyter_session_export.store.session_file import read_session

Make = Callable[..., Execution]


def test_counts_follow_what_is_written(record: Record, make_execution: Make) -> None:
    """An execution that is saved again counts once, as it is then; tools' are left out."""
    record.begin(make_execution(1, status=Status.RUNNING))
    record.begin(make_execution(2, status=Status.RUNNING))
    record.begin(make_execution(3, status=Status.ERROR, tool=True))
    record.commit()
    assert record.session.counts == Counts(executions=2, kernels=1)
    record.write(make_execution(1, status=Status.ERROR), [])
    record.write(make_execution(2, status=Status.OK, notebook="a.ipynb"), [])
    record.commit()
    assert record.session.counts == Counts(executions=2, errors=1, notebooks=1, kernels=1)
    record.write(make_execution(1, status=Status.OK), [])
    record.write(make_execution(2, status=Status.OK, tool=True), [])
    record.commit()
    assert record.session.counts == Counts(executions=1, notebooks=1, kernels=1)


def test_kernels_count_from_their_start(record: Record, make_execution: Make) -> None:
    """One that has run nothing is a kernel of the session, and one that has run is no second."""
    record.set_value("kernel/k1", {})
    record.set_value("kernel/k2", {})
    record.set_value("environment", {})
    record.begin(make_execution(1, kernel=Kernel("k1", "python3", "python", ".py")))
    record.commit()
    assert record.session.counts == Counts(executions=1, kernels=2)


def test_counts_are_those_of_a_reader(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """Kept up to date or counted anew, they are the same, and are told with the session's end."""
    for number in range(1, 6):
        status = Status.ERROR if number % 2 else Status.OK
        record.write(make_execution(number, status=status, notebook=f"{number}.ipynb"), [])
    record.close()
    expected = Counts(executions=5, errors=3, notebooks=5, kernels=1)
    assert read_session(record.folder).counts == record.session.counts == expected
    with catalog.read(record.session.id) as reader:
        assert reader.counts() == expected
    again = catalog.open(record.session.key)
    assert again.session.counts == expected
    again.close()


def test_what_sqlite_gave_up_is_not_counted(
    record: Record, make_execution: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a lost transaction the rows are counted anew."""
    record.begin(make_execution(1))
    record.commit()
    record.begin(make_execution(2))
    database: Database = record._database
    database._connection.rollback()
    with monkeypatch.context() as patch:
        patch.setattr(record._notebooks, "id_of", _fail)
        with pytest.raises(StoreUnavailable):
            record.begin(make_execution(3))
    record.begin(make_execution(4))
    record.commit()
    assert record.session.counts == Counts(executions=2, kernels=1)


def _fail(*_: object) -> None:
    raise StoreUnavailable("no room") from sqlite3.OperationalError("disk I/O error")
