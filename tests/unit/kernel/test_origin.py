from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.kernel.origin import home_folder, notebook_path, running_execution


def test_the_notebook_is_what_the_server_said() -> None:
    """Jupyter's own variable holds its absolute path."""
    assert notebook_path({"JPY_SESSION_NAME": "/a/b.ipynb"}) == "/a/b.ipynb"


def test_a_kernel_without_a_notebook_can_export_none() -> None:
    """A remedy is told, as the session can be exported all the same."""
    with pytest.raises(InvalidRequest, match="no notebook"):
        notebook_path({})


def test_the_home_folder_is_the_notebooks(tmp_path: Path) -> None:
    """Where the kernel went meanwhile doesn't matter."""
    assert home_folder({"JPY_SESSION_NAME": str(tmp_path / "x.ipynb")}) == tmp_path


@pytest.mark.parametrize("environment", [{}, {"JPY_SESSION_NAME": "/gone/x.ipynb"}])
def test_without_a_notebooks_folder_it_is_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    """A console has none, a moved notebook's is gone."""
    monkeypatch.chdir(tmp_path)
    assert home_folder(environment) == tmp_path


def test_an_execution_is_known_by_kernel_and_message() -> None:
    """The kernel's id is in its connection file's name."""
    application = SimpleNamespace(connection_file="/run/kernel-abc-1.json")
    shell = SimpleNamespace(
        kernel=SimpleNamespace(parent=application), parent_header={"header": {"msg_id": "m"}}
    )
    assert running_execution(shell) == {"kernel_id": "abc-1", "msg_id": "m"}


class _Nobody:
    """A shell of an ipykernel without a parent, as its versions have it."""

    kernel = SimpleNamespace(parent=SimpleNamespace(connection_file="/run/kernel-abc-1.json"))

    def __init__(self, parent_header: Any) -> None:
        self._parent_header = parent_header

    @property
    def parent_header(self) -> Any:
        if isinstance(self._parent_header, Exception):
            raise self._parent_header
        return self._parent_header


@pytest.mark.parametrize(
    "parent", [{}, {"header": {}}, LookupError("parent_header"), AttributeError("parent_header")]
)
def test_without_a_request_nothing_runs(parent: Any) -> None:
    """Code may ask at the kernel's start, or in a thread that no request began."""
    assert running_execution(_Nobody(parent)) is None


def test_a_terminal_has_no_execution() -> None:
    """Plain IPython has no kernel, so nothing is recorded of it."""
    assert running_execution(SimpleNamespace()) is None
