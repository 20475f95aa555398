from __future__ import annotations

import os
from pathlib import Path

from jupyter_session_export.workspaces.files import OwnFiles
from jupyter_session_export.workspaces.listing import bytes_below, list_files
from jupyter_session_export.workspaces.names import partial_name


def test_files_are_listed_by_path(files: OwnFiles, tmp_path: Path) -> None:
    """With category, bytes and time; neither links nor what isn't whole."""
    files.save("b.txt", b"12")
    (files.bulk("x/y") / "a.txt").write_bytes(b"1")
    (files.path / "notes.txt").write_bytes(b"")
    (files.path / "single" / partial_name()).write_bytes(b"half")
    (files.path / "single/link").symlink_to(tmp_path / "secret.txt")
    (files.path / "bulk/up").symlink_to(tmp_path)
    found = list_files(files.path)
    assert [(file.path, file.category, file.bytes) for file in found] == [
        ("bulk/x/y/a.txt", "bulk", 1),
        ("notes.txt", "other", 0),
        ("single/b.txt", "single", 2),
    ]
    assert found[0].to_json()["modified"].endswith("Z")


def test_a_name_that_is_no_text_is_shown(files: OwnFiles) -> None:
    """Any JSON can hold it."""
    (files.bulk("x") / os.fsdecode(b"\xff.bin")).write_bytes(b"1")
    (found,) = list_files(files.path)
    assert found.to_json()["path"] == "bulk/x/\\udcff.bin"


def test_bytes_are_counted_without_following_links(files: OwnFiles, tmp_path: Path) -> None:
    """What is linked is not the session's."""
    files.save("a", b"x" * 1000)
    (files.path / "up").symlink_to(tmp_path)
    assert 1000 <= bytes_below(files.path).bytes < 1100
