from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.archive.contents import NotebookCopy
from jupyter_session_export.exports.gathering import gather, notebook_of
from jupyter_session_export.exports.request import Asker, ExportRequest
from jupyter_session_export.records.recording import PassedOver
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import from_timestamp, now
from jupyter_session_export.records.unrecorded import NOTEBOOKS_OFF
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.plan import RecordedNotebook

NOTEBOOKS = [
    RecordedNotebook("a.ipynb", "k1", from_timestamp(1), from_timestamp(2)),
    RecordedNotebook("b.ipynb", "k1", from_timestamp(1), from_timestamp(9)),
    RecordedNotebook("c.ipynb", "k2", from_timestamp(1), from_timestamp(5)),
]


@pytest.mark.parametrize(
    ("path", "kernel_id", "found"),
    [
        (None, "k1", None),
        ("c.ipynb", None, "c.ipynb"),
        ("/root/c.ipynb", "k2", "c.ipynb"),
        ("a.ipynb", "k1", "a.ipynb"),
        ("old.ipynb", "k1", "b.ipynb"),
        ("old.ipynb", "k2", "c.ipynb"),
        ("c.ipynb", "k1", "b.ipynb"),
        ("old.ipynb", "k3", "old.ipynb"),
        ("old.ipynb", None, "old.ipynb"),
    ],
)
def test_a_kernels_notebook_is_known_by_its_kernel(
    path: str | None, kernel_id: str | None, found: str | None
) -> None:
    """Where a kernel names a notebook that isn't its own any more, its newest one is meant."""
    request = ExportRequest(
        scope="notebook" if path else "session",
        path=path,
        asked_by=Asker(kernel_id, "m") if kernel_id else None,
    )
    assert notebook_of(request, NOTEBOOKS, "/root") == found


@pytest.mark.parametrize("include", [{"code"}, {"code", "workspace"}])
def test_the_file_of_a_notebook_that_is_off_is_left_out(tmp_path: Path, include: set[str]) -> None:
    """By its owner's word and by a pattern; folders that are asked for are packed as they are."""
    root = tmp_path / "root"
    (root / "private").mkdir(parents=True)
    catalog = Catalog(tmp_path / "data")
    record = catalog.open(SessionKey("ada", str(root)))
    for path in ("a.ipynb", "off.ipynb", "private/b.ipynb"):
        (root / path).write_bytes(b'{"cells": [], "metadata": {}, "nbformat": 4}')
        record.note_notebook(path, "k1")
    record.set_value(NOTEBOOKS_OFF, ["off.ipynb"])
    record.commit()
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        content = gather(
            reader,
            plan,
            ExportRequest(include=frozenset(include)),
            exported_at=now(),
            include_hidden=False,
            unrecorded=["private/*"],
        )
        found = list(content.notebooks)
    record.close()
    left_out = [each.origin for each in found if isinstance(each, PassedOver)]
    packed = [each.path for each in found if isinstance(each, NotebookCopy)]
    assert left_out == ["off.ipynb", "private/b.ipynb"]
    assert packed == ["a.ipynb"]
    assert bool(content.workspace) == ("workspace" in include)
