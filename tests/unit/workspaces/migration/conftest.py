from __future__ import annotations

from pathlib import Path

import pytest

from .old_layout import make_old_layout


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A folder with the old layout in it."""
    directory = tmp_path / "shared"
    directory.mkdir()
    make_old_layout(directory)
    return directory


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """The files of the session."""
    outputs = tmp_path / "session" / "outputs"
    outputs.mkdir(parents=True)
    return outputs
