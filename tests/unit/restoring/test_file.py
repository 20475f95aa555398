"""A notebook's file, changed in place."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from jupyter_session_export.errors import NotebookChanged, NotebookUnreadable
from jupyter_session_export.restoring.file import NotebookFile

HTML = {"output_type": "display_data", "data": {"text/html": "<b>"}, "metadata": {}}


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signatures of notebooks are kept in Jupyter's data folder."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))


def notebook(path: Path, *outputs: dict[str, object]) -> Path:
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.from_dict(one) for one in outputs])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_only_what_is_changed_differs(tmp_path: Path) -> None:
    """Formatting, order, permissions and links stay."""
    path = notebook(tmp_path / "a.ipynb")
    path.chmod(0o640)
    (tmp_path / "link.ipynb").symlink_to(path)
    before = path.read_text()
    file = NotebookFile.read(tmp_path / "link.ipynb")
    file.document["cells"][0]["execution_count"] = 7
    file.write()
    expected = before.replace('"execution_count": null', '"execution_count": 7')
    assert path.read_text() == expected
    assert path.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link.ipynb").is_symlink()


@pytest.mark.parametrize("indent", [None, 1, 2, 4])
def test_a_file_keeps_its_indentation(tmp_path: Path, indent: int | None) -> None:
    """Other tools write notebooks in other ways."""
    path = notebook(tmp_path / "a.ipynb")
    text = json.dumps(json.loads(path.read_text()), indent=indent)
    path.write_text(text)
    NotebookFile.read(path).write()
    assert path.read_text() == text


def test_a_change_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    """Somebody's work is worth more than what can be restored again."""
    path = notebook(tmp_path / "a.ipynb")
    file = NotebookFile.read(path)
    path.write_text(path.read_text().replace('"1"', '"2"'))
    with pytest.raises(NotebookChanged):
        file.write()
    assert '"2"' in path.read_text()
    assert [one.name for one in tmp_path.glob("*ipynb*")] == ["a.ipynb"]


@pytest.mark.parametrize("signed", [True, False])
def test_a_notebook_is_trusted_if_it_was(tmp_path: Path, *, signed: bool) -> None:
    """What comes from its own kernels makes it no less, and no more, trusted."""
    path = notebook(tmp_path / "a.ipynb", HTML)
    if signed:
        NotebookNotary().sign(nbformat.read(path, as_version=4))
    file = NotebookFile.read(path)
    file.document["cells"][0]["execution_count"] = 7
    file.write()
    assert NotebookNotary().check_signature(nbformat.read(path, as_version=4)) is signed


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xff", b"[" * 100_000])
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: bytes) -> None:
    """With words instead of a traceback."""
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookUnreadable):
        NotebookFile.read(path)
    with pytest.raises(NotebookUnreadable):
        NotebookFile.read(tmp_path / "missing.ipynb")
