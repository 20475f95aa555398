"""Which sessions may know a notebook."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from jupyter_session_export.records.session import Session
from jupyter_session_export.restoring.whereabouts import (
    MOST_SESSIONS,
    path_below,
    sessions_with,
)

AT = datetime(2026, 1, 31, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("own_root", "root", "path", "expected"),
    [
        ("/lab", "/lab", "a/b.ipynb", "a/b.ipynb"),
        ("/lab/a", "/lab", "a/b.ipynb", "b.ipynb"),
        ("/", "/lab", "a/b.ipynb", "lab/a/b.ipynb"),
        ("/lab/other", "/lab", "a/b.ipynb", None),
        ("/labyrinth", "/lab", "a.ipynb", None),
        ("", "", "a.ipynb", "a.ipynb"),
        ("", "/lab", "a.ipynb", None),
        ("/lab", "", "a.ipynb", None),
    ],
)
def test_a_notebook_is_known_by_its_path_below_a_root(
    own_root: str, root: str, path: str, expected: str | None
) -> None:
    """Servers and kernels of other folders may have run the very same file."""
    assert path_below(own_root, root, path) == expected


def test_the_newest_sessions_are_looked_at() -> None:
    """So that opening a notebook takes no longer after years of sessions."""
    sessions = [
        Session(
            id=f"{n:032x}",
            number=n,
            owner="ada",
            guest=False,
            root="/lab" if n % 2 else "/elsewhere",
            started_at=AT,
            last_active_at=AT,
        )
        for n in range(100)
    ]
    found = [session.number for session, _ in sessions_with(sessions, "/lab", "a.ipynb")]
    assert found == list(range(99, 99 - 2 * MOST_SESSIONS, -2))
