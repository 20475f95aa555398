"""Calls of a contents manager, in people's words."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.recording.deeds import deed_of

NOTEBOOK = {"path": "a.ipynb", "type": "notebook", "size": 10}
FILE = {"path": "a.txt", "type": "file", "size": 10}
FOLDER = {"path": "a", "type": "directory", "size": None}


@pytest.mark.parametrize(
    ("method", "call", "result", "told"),
    [
        ("get", {"path": "/a.ipynb"}, NOTEBOOK, ("notebook.open", "a.ipynb", {})),
        ("get", {"path": "a.txt", "content": 1}, FILE, ("file.open", "a.txt", {})),
        ("get", {"path": "a.txt", "content": 0}, FILE, None),
        ("get", {"path": "a", "content": True}, FOLDER, None),
        (
            "save",
            {"model": {"format": "json"}, "path": "/a.ipynb"},
            NOTEBOOK,
            ("notebook.save", "a.ipynb", {"bytes": 10}),
        ),
        (
            "save",
            {"model": {"format": "base64"}, "path": "a.txt"},
            FILE,
            ("file.upload", "a.txt", {"bytes": 10}),
        ),
        ("save", {"model": {"chunk": 2, "format": "base64"}, "path": "a.txt"}, FILE, None),
        (
            "save",
            {"model": {"chunk": -1, "format": "base64"}, "path": "a.txt"},
            FILE,
            ("file.upload", "a.txt", {"bytes": 10}),
        ),
        ("new", {"model": {"chunk": 1, "format": "base64"}, "path": "a.txt"}, FILE, None),
        (
            "new",
            {"model": {"format": "base64"}, "path": "/a.txt"},
            FILE,
            ("file.upload", "a.txt", {"bytes": 10}),
        ),
        (
            "new_untitled",
            {"path": "", "type": "notebook"},
            NOTEBOOK,
            ("notebook.create", "a.ipynb", {"bytes": 10}),
        ),
        ("new_untitled", {"type": "directory"}, FOLDER, ("folder.create", "a", {})),
        (
            "copy",
            {"from_path": "/b.ipynb", "to_path": ""},
            NOTEBOOK,
            ("notebook.copy", "a.ipynb", {"from": "b.ipynb"}),
        ),
        (
            "rename",
            {"old_path": "b.ipynb", "new_path": "a.ipynb"},
            None,
            ("notebook.rename", "a.ipynb", {"old": "b.ipynb"}),
        ),
        ("rename", {"old_path": "/a.txt", "new_path": "a.txt"}, None, None),
        ("delete", {"path": "/a.txt"}, None, ("file.delete", "a.txt", {})),
        (
            "restore_checkpoint",
            {"checkpoint_id": "checkpoint", "path": "a.ipynb"},
            None,
            ("notebook.restore", "a.ipynb", {}),
        ),
    ],
)
def test_what_a_call_means(
    method: str, call: dict[str, Any], result: Any, told: tuple[str, str, dict[str, Any]] | None
) -> None:
    """An upload is one deed, however many chunks it has; looking at a folder is none."""
    deed = deed_of(method, call, result, "ada")
    assert (deed and (deed.action, deed.target, deed.detail)) == told
    assert deed is None or deed.user == "ada"
