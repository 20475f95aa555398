from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.sessions.packages import Layers, installer
from tests.wheels import make_wheel


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with `outer`, which needs `inner`."""
    folder = tmp_path / "wheels"
    make_wheel(folder, "inner", "2.0")
    make_wheel(folder, "outer", requires=("inner>=2",))
    return folder


@pytest.fixture
def offline(wheels: Path) -> list[str]:
    return ["--no-index", f"--find-links={wheels}"]


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    return Layers(tmp_path)


@pytest.fixture(params=["uv", "pip"])
def which(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which installer there is."""
    if request.param == "pip":
        monkeypatch.setattr(installer, "uv", lambda: None)
    else:
        assert installer.uv()
    return str(request.param)
