from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.kernel.own.place import VSCODE_NOTEBOOK, Place, kernel_key


def test_without_a_notebook_the_working_folder_is_the_root(tmp_path: Path) -> None:
    """nbclient, papermill and consoles tell none; what is no absolute path tells none either."""
    folder = str(tmp_path)
    assert Place.of({}, {}, folder) == Place(folder, None)
    assert Place.of({"JPY_SESSION_NAME": "x.ipynb"}, {}, folder) == Place(folder, None)
    assert Place.of({}, {VSCODE_NOTEBOOK: 3}, folder) == Place(folder, None)


def test_a_notebook_is_told_by_its_server_or_vscode(tmp_path: Path) -> None:
    """Its path is relative to the root, which becomes its own folder where it lies elsewhere."""
    notebook = str(tmp_path / "deep" / "x.ipynb")
    inside, outside = Place(str(tmp_path), "deep/x.ipynb"), Place(str(tmp_path / "deep"), "x.ipynb")
    assert Place.of({"JPY_SESSION_NAME": notebook}, {}, str(tmp_path)) == inside
    assert Place.of({}, {VSCODE_NOTEBOOK: notebook}, str(tmp_path)) == inside
    assert Place.of({}, {VSCODE_NOTEBOOK: notebook}, str(tmp_path / "other")) == outside


@given(st.text(min_size=1), st.text(min_size=1), st.binary(), st.binary())
def test_a_kernels_key_is_its_own(name: str, other: str, key: bytes, other_key: bytes) -> None:
    """The same over restarts, and another where connection file or key differ."""
    first = kernel_key(f"/run/kernel-{name.replace('/', '_')}.json", key)
    assert first == kernel_key(f"/run/kernel-{name.replace('/', '_')}.json", key)
    if key != other_key:
        again = kernel_key(f"/run/kernel-{name.replace('/', '_')}.json", other_key)
        assert again != first
    assert len(first) == 32
