from __future__ import annotations

import pytest

from jupyter_session_export.exports.gathering import notebook_of
from jupyter_session_export.exports.request import Asker, ExportRequest
from jupyter_session_export.records.times import from_timestamp
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
