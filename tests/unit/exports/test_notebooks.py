"""Notebooks on disk, and their scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.exports.notebooks import read_notebook


def notebook(source: str, **metadata: Any) -> bytes:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    cells = [{**cell, "execution_count": None}]
    return json.dumps(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


def test_a_notebook_is_taken_as_it_is_on_disk(tmp_path: Path) -> None:
    """Its bytes are not touched, and its time is the file's."""
    content = notebook("1", kernelspec={"name": "python3", "language": "python"})
    (tmp_path / "a.ipynb").write_bytes(content)
    file = read_notebook(tmp_path, "a.ipynb")
    assert file.content == content
    assert file.reason is None
    assert file.modified is not None


@pytest.mark.parametrize(
    ("metadata", "extension", "line"),
    [
        (
            {"kernelspec": {"name": "python3", "language": "python"}},
            ".py",
            b"get_ipython().run_line_magic('time', 'x')",
        ),
        ({"language_info": {"name": "bash", "file_extension": ".sh"}}, ".sh", b"%time x"),
        ({}, ".txt", b"%time x"),
    ],
)
def test_a_script_has_its_languages_extension(
    tmp_path: Path, metadata: dict[str, Any], extension: str, line: bytes
) -> None:
    """nbconvert writes the script of the notebook's own language."""
    (tmp_path / "a.ipynb").write_bytes(notebook("%time x", **metadata))
    script = read_notebook(tmp_path, "a.ipynb").script
    assert script is not None
    assert script[0] == extension
    assert line in script[1]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"cells": 1}', b"null"])
def test_a_broken_notebook_is_kept_without_a_script(tmp_path: Path, content: bytes) -> None:
    """What can't be converted is packed as it is, and the reason is said."""
    (tmp_path / "a.ipynb").write_bytes(content)
    file = read_notebook(tmp_path, "a.ipynb")
    assert file.content == content
    assert file.script is None
    assert file.script_reason


@pytest.mark.parametrize("path", ["../out.ipynb", "link.ipynb", "a/../../out.ipynb"])
def test_no_path_leads_out_of_the_root(tmp_path: Path, path: str) -> None:
    """Neither dots nor links reach a file outside."""
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (tmp_path / "out.ipynb").write_bytes(notebook("secret"))
    (root / "link.ipynb").symlink_to(tmp_path / "out.ipynb")
    file = read_notebook(root, path)
    assert file.content is None
    assert file.reason == "leads out of the root folder"


@pytest.mark.parametrize(
    "path", ["gone.ipynb", "folder", "x\0y.ipynb", "n" * 300 + ".ipynb", "loop"]
)
def test_what_is_not_there_has_a_reason(tmp_path: Path, path: str) -> None:
    """A notebook that can't be read is told, not raised."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    file = read_notebook(tmp_path, path)
    assert file.content is None
    assert file.reason


@pytest.mark.parametrize("exporter", ["html", "evil_module.Exporter", "python.x"])
def test_a_notebook_names_no_code_to_run(tmp_path: Path, exporter: str) -> None:
    """Its metadata can't choose what nbconvert imports, nor make a script of another kind."""
    language = {"name": "r", "file_extension": ".r", "nbconvert_exporter": exporter}
    (tmp_path / "a.ipynb").write_bytes(notebook("x <- 1", language_info=language))
    assert read_notebook(tmp_path, "a.ipynb").script == (".r", b"x <- 1\n")
