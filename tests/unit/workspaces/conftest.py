from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.workspaces.files import OwnFiles


@pytest.fixture
def files(tmp_path: Path) -> OwnFiles:
    """The files of one session; `secret.txt` beside the folder is none of them."""
    (tmp_path / "secret.txt").write_bytes(b"another's")
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    return OwnFiles(outputs)
