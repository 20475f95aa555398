"""`jupyter session-export purge`."""

from __future__ import annotations

import json
import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jupyter_session_export.cli.command import main
from jupyter_session_export.records.execution import Execution, ExecutionKey, Kernel, Status
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record
from jupyter_session_export.store.undo_files import Place, UndoFiles
from tests.unit.client.fake_server import Running


@pytest.fixture
def filled(catalog: Catalog) -> Record:
    """Session1, with two executions of a notebook and one of another; nobody writes it."""
    record = catalog.open(SessionKey("ada", "/lab"))
    for number, notebook in enumerate(("a.ipynb", "a.ipynb", "b.ipynb"), 1):
        record.begin(
            Execution(
                key=ExecutionKey("k1", 1, f"m{number}"),
                number=number,
                session_id=record.session.id,
                user_id="ada",
                kernel=Kernel("k1", "python3", "python", ".py"),
                notebook=notebook,
                status=Status.OK,
            )
        )
    record.close()
    return record


def left(catalog: Catalog, record: Record) -> list[int]:
    with catalog.read(record.session.id) as reader:
        return [execution.number for execution in reader.executions()]


def undone(catalog: Catalog) -> list[str]:
    """Return of which notebooks it is known still what they had before a restore."""
    files = UndoFiles(catalog.data_dir)
    notebooks = ("ada", "/lab/a.ipynb"), ("ada", "/lab/b.ipynb"), ("bob", "/lab/a.ipynb")
    return [" ".join(place) for place in notebooks if files.read(Place(*place))]


def test_what_notebooks_had_before_a_restore_goes_too(catalog: Catalog, filled: Record) -> None:
    """It may be recorded outputs: of that notebook, since that time, or all; the owner's only."""
    files, bobs = UndoFiles(catalog.data_dir), "bob /lab/a.ipynb"
    for place in (("ada", "a"), ("ada", "b"), ("bob", "a")):
        files.write(Place(place[0], f"/lab/{place[1]}.ipynb"), b"{}")
    (old,) = (catalog.data_dir / "restored").glob(Place("ada", "/lab/b.ipynb").filename)
    os.utime(old, (0, 0))
    assert call(catalog, "1", "--notebook", "b.ipynb", "--yes") == 0
    assert undone(catalog) == ["ada /lab/a.ipynb", bobs]
    files.write(Place("ada", "/lab/b.ipynb"), b"{}")
    os.utime(old, (0, 0))
    assert call(catalog, "1", "--since", "1h", "--yes") == 0
    assert undone(catalog) == ["ada /lab/b.ipynb", bobs]
    assert call(catalog, "1", "--all", "--yes") == 0
    assert undone(catalog) == [bobs]


def call(catalog: Catalog, *arguments: str) -> int:
    return main(["purge", *arguments, "--data-dir", str(catalog.data_dir)])


def test_a_record_is_purged_without_a_server(
    catalog: Catalog, filled: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """A notebook by its path, one execution, all; the audit log tells of each."""
    assert call(catalog, "1", "--notebook", "/lab/a.ipynb", "--yes") == 0
    assert capsys.readouterr().out == "2 executions purged, 0 bytes.\n"
    assert left(catalog, filled) == [3]
    assert call(catalog, "1", "--execution", "3", "--yes", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "removed": {"executions": 1, "running": 0, "bytes": 0},
        "held_by_export": False,
    }
    assert call(catalog, "1", "--all", "--yes") == 0
    assert call(catalog, "1", "--since", "1h", "--yes") == 0
    with catalog.read(filled.session.id) as reader:
        audit = [(line.action, line.detail) for line in reader.log("audit")]
    assert [action for action, _ in audit] == ["record.purged"] * 4
    assert audit[0][1] == {"notebook": "a.ipynb", "executions": 2, "running": 0, "bytes": 0}


def test_a_kernel_that_records_itself_has_to_do_it(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    """While it runs nobody else can; the error says where, and what to do instead."""
    record = catalog.open(SessionKey("ada", "/lab", "kernel-1"))
    try:
        assert call(catalog, "1", "--all", "--yes") != 0
        told = capsys.readouterr().err
        assert "Session1 is being recorded by its own kernel" in told
        assert "%session_recording purge" in told
    finally:
        record.close()
    assert call(catalog, "1", "--all", "--yes") == 0


def test_a_live_session_is_purged_by_its_server(
    catalog: Catalog, live: tuple[Record, Running], capsys: pytest.CaptureFixture[str]
) -> None:
    """It alone can take things back while it writes."""
    _, server = live
    assert call(catalog, "2", "--execution", "0a1b2c3d", "--yes") == 0
    assert server.script.purges == [{"execution": "0a1b2c3d"}]
    assert capsys.readouterr().out == (
        "2 executions purged, 1.5 kB. Of 1 running execution only the rest is recorded.\n"
    )


def test_without_a_terminal_nobody_can_be_asked(
    catalog: Catalog, filled: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """So --yes has to say that it is meant."""
    assert call(catalog, "1", "--all") == 2
    assert "--yes" in capsys.readouterr().err
    assert left(catalog, filled) == [1, 2, 3]


@contextmanager
def terminal(patch: pytest.MonkeyPatch) -> Iterator[int]:
    """Put a terminal on stdin and stderr; the file descriptor is the person's end."""
    person, program = pty.openpty()
    with open(program, closefd=False) as reading, open(program, "w") as writing:  # noqa: PTH123
        patch.setattr("sys.stdin", reading)
        patch.setattr("sys.stderr", writing)
        yield person
    os.close(person)


@pytest.mark.parametrize(
    ("word", "code", "numbers"), [(b"y", 0, []), (b"n", 1, [1, 2, 3]), (b"", 1, [1, 2, 3])]
)
def test_a_person_is_asked(
    catalog: Catalog,
    filled: Record,
    monkeypatch: pytest.MonkeyPatch,
    word: bytes,
    code: int,
    numbers: list[int],
) -> None:
    """Only a clear yes counts."""
    with terminal(monkeypatch) as person:
        os.write(person, word + b"\n")
        assert call(catalog, "1", "--all") == code
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(person, 4096)
        assert b"Purge all that was recorded of Session1?" in shown
    assert left(catalog, filled) == numbers


def test_mistakes(catalog: Catalog, filled: Record, capsys: pytest.CaptureFixture[str]) -> None:
    """A session and what is to go have to be named, and to be there."""
    with pytest.raises(SystemExit):
        call(catalog, "--all")
    with pytest.raises(SystemExit):
        call(catalog, "1")
    assert call(catalog, "1", "--notebook", "c.ipynb", "--yes") == 1
    assert "NOTEBOOK_NOT_FOUND" in capsys.readouterr().err
    assert call(catalog, "1", "--since", "soon", "--yes") == 2
    assert call(catalog, "1", "--execution", "x", "--yes") == 2
    assert left(catalog, filled) == [1, 2, 3]
