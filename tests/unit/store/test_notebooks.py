from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from jupyter_session_export.records.execution import Execution
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.plan import RecordedNotebook
from jupyter_session_export.store.record import Record

Make = Callable[..., Execution]


def notebooks(catalog: Catalog, record: Record) -> list[RecordedNotebook]:
    record.commit()
    with catalog.read(record.session.id) as reader:
        return reader.notebooks()


def test_noting_again_moves_only_what_changed(
    catalog: Catalog, record: Record, at: datetime
) -> None:
    """The first time stays, the last time and the kernel are the newest."""
    later = at + timedelta(hours=1)
    record.note_notebook("a.ipynb", "k1", at)
    record.note_notebook("a.ipynb", "k2", later)
    assert notebooks(catalog, record) == [RecordedNotebook("a.ipynb", "k2", at, later)]


def test_executions_make_their_notebook_known(
    catalog: Catalog, record: Record, make_execution: Make, at: datetime
) -> None:
    """A notebook that nobody noted belongs to the session from its first execution on."""
    record.begin(make_execution(1, notebook="a.ipynb"))
    assert notebooks(catalog, record) == [RecordedNotebook("a.ipynb", "k1", at, at)]


def test_a_renamed_notebook_takes_its_executions_along(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """Recorded before or after the renaming, its executions are found by the path of now."""
    before, after = make_execution(1, notebook="a.ipynb"), make_execution(2, notebook="b.ipynb")
    record.begin(before)
    record.rename_notebook("a.ipynb", "b.ipynb")
    record.begin(after)
    record.begin(make_execution(3, notebook="a.ipynb"))
    record.commit()
    found = record.find(before.key)
    assert found is not None
    assert found[0].notebook == "b.ipynb"
    with catalog.read(record.session.id) as reader, reader.plan(notebook="b.ipynb") as plan:
        assert [execution.number for execution in plan.executions] == [1, 2]
        assert {execution.notebook for execution in plan.executions} == {"b.ipynb"}
        assert [e.number for e in reader.executions(notebook="a.ipynb")] == [3]


def test_a_notebook_that_is_overwritten_becomes_the_other(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """Renaming onto a known path leaves one notebook with the executions of both."""
    record.begin(make_execution(1, notebook="a.ipynb"))
    record.begin(make_execution(2, notebook="b.ipynb"))
    record.rename_notebook("a.ipynb", "b.ipynb")
    assert [notebook.path for notebook in notebooks(catalog, record)] == ["b.ipynb"]
    with catalog.read(record.session.id) as reader:
        assert [e.number for e in reader.executions(notebook="b.ipynb")] == [1, 2]


def test_renaming_the_unknown_is_nothing(catalog: Catalog, record: Record) -> None:
    """A file that is no notebook of this session may be renamed."""
    record.rename_notebook("x.ipynb", "y.ipynb")
    record.note_notebook("a.ipynb", "k1")
    record.rename_notebook("a.ipynb", "a.ipynb")
    assert [notebook.path for notebook in notebooks(catalog, record)] == ["a.ipynb"]


def test_a_lost_transaction_is_not_relied_on(record: Record, make_execution: Make) -> None:
    """After a loss, kernels and notebooks that went with it are written anew."""
    record.begin(make_execution(1, notebook="a.ipynb"))
    record._database.rows("ROLLBACK")
    record.begin(make_execution(2, notebook="a.ipynb"))
    record.begin(make_execution(3, notebook="a.ipynb"))
    record.commit()
    assert record.find(make_execution(1).key) is None
    assert record.find(make_execution(3).key) is not None


def test_what_runs_while_its_notebook_is_renamed_goes_with_it(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """It began under the old name, and makes no second notebook when it is sealed."""
    running = make_execution(1, notebook="a.ipynb")
    record.begin(running)
    assert record.rename_notebook("a.ipynb", "b.ipynb")
    record.write(running, [])
    assert [notebook.path for notebook in notebooks(catalog, record)] == ["b.ipynb"]
    found = record.find(running.key)
    assert found is not None
    assert found[0].notebook == "b.ipynb"


def test_a_renamed_folder_takes_its_notebooks_along(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """All below it, and none beside it whose name begins alike."""
    record.begin(make_execution(1, notebook="work/deep/a.ipynb"))
    record.begin(make_execution(2, notebook="workshop/b.ipynb"))
    assert record.rename_notebook("work", "old/work")
    assert not record.rename_notebook("works", "elsewhere")
    paths = {notebook.path for notebook in notebooks(catalog, record)}
    assert paths == {"old/work/deep/a.ipynb", "workshop/b.ipynb"}
