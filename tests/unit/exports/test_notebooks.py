"""Notebooks on disk, and their scripts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.exports import notebooks
from jupyter_session_export.exports.notebooks import LARGE_BYTES, NotebookFile, NotebookReader


def read_notebook(root: Path, path: str) -> NotebookFile:
    with NotebookReader(root) as reader:
        return reader.read(path)


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
    facts = read_notebook(tmp_path, "a.ipynb").facts
    assert facts.extension == extension
    assert line in (facts.script or "").encode()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"cells": 1}', b"null"])
def test_a_broken_notebook_is_kept_without_a_script(tmp_path: Path, content: bytes) -> None:
    """What can't be converted is packed as it is, and the reason is said."""
    (tmp_path / "a.ipynb").write_bytes(content)
    file = read_notebook(tmp_path, "a.ipynb")
    assert file.content == content
    assert file.facts.script is None
    assert file.facts.script_reason
    assert not file.facts.is_notebook


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


@pytest.mark.parametrize("kind", ["link", "fifo"])
def test_what_a_notebook_becomes_while_it_is_looked_at_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A link put in its place leads nowhere, and a FIFO holds up nobody."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "out.ipynb").write_bytes(notebook("secret"))
    file = root / "a.ipynb"

    def change(*_: Any) -> tuple[Path, None]:
        if kind == "link":
            file.symlink_to(tmp_path / "out.ipynb")
        else:
            os.mkfifo(file)
        return file, None

    monkeypatch.setattr(notebooks, "locate", change)
    found = read_notebook(root, "a.ipynb")
    assert found.content is None
    assert found.reason == {"link": "link out of the root folder"}.get(
        kind, "not a regular file any more"
    )


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
    facts = read_notebook(tmp_path, "a.ipynb").facts
    assert (facts.extension, facts.script) == (".r", "x <- 1\n")


def test_a_large_notebook_is_described_by_another_process(tmp_path: Path) -> None:
    """It is told of like a small one, but its bytes stay on disk."""
    python = {"kernelspec": {"name": "python3", "language": "python"}}
    (tmp_path / "large.ipynb").write_bytes(notebook("# ä\n" * (LARGE_BYTES // 4), **python))
    (tmp_path / "small.ipynb").write_bytes(notebook("# ä\n", **python))
    large, small = (read_notebook(tmp_path, f"{name}.ipynb") for name in ("large", "small"))
    assert large.content is None
    assert large.file == tmp_path / "large.ipynb"
    assert large.facts.script is not None
    assert small.facts.script is not None
    assert len(large.facts.script) >= LARGE_BYTES - 1
    assert large.facts.script.startswith(small.facts.script.rstrip())
    assert (large.facts.cells, large.facts.kernel_name) == (1, "python3")


def test_a_large_file_that_is_no_notebook_is_told_so(tmp_path: Path) -> None:
    """Nothing is raised, and the process can be asked again."""
    (tmp_path / "bad.ipynb").write_bytes(b"[" * (LARGE_BYTES + 1))
    (tmp_path / "good.ipynb").write_bytes(notebook("#" * LARGE_BYTES))
    with NotebookReader(tmp_path) as reader:
        assert not reader.read("bad.ipynb").facts.is_notebook
        assert reader.read("good.ipynb").facts.is_notebook
