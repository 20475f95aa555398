"""What installs packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_session_export.errors import PackagesFailed
from jupyter_session_export.sessions.packages import Requirements, installer

PYTHON = Path("/opt/python")
SMALL = Requirements.parse(["small", "--no-index"])
END = ["--target", "/layer", "--no-index", "--", "small"]


def command() -> list[str]:
    return installer.command(SMALL, PYTHON, Path("/layer"))


def test_uv_is_taken_where_it_is() -> None:
    """It is many times as fast."""
    found = installer.uv()
    assert found
    assert command() == [
        *(found, "pip", "install", "--no-progress", "--python", "/opt/python"),
        *END,
    ]


def test_uv_of_this_interpreter_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose programs need not be on the PATH."""
    monkeypatch.setenv("PATH", "")
    assert Path(installer.uv() or "").is_file()


def test_pip_of_this_interpreter_is_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """It works for interpreters that have none; then what is left is their own."""
    monkeypatch.setattr(installer, "uv", lambda: None)
    assert command()[:2] == [sys.executable, "-m"]
    assert command()[5:7] == ["--python", "/opt/python"]
    assert command()[-5:] == END
    monkeypatch.setattr(installer, "find_spec", lambda _: None)
    assert command()[:3] == ["/opt/python", "-m", "pip"]
    assert command()[-5:] == END


def test_where_pip_would_go_otherwise_counts_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a user's settings nor our own path lead it elsewhere."""
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    monkeypatch.setenv("PYTHONPATH", "/mine")
    environment = installer._environment()
    assert (environment["PIP_USER"], environment["PIP_REQUIRE_VIRTUALENV"]) == ("0", "0")
    assert "PYTHONPATH" not in environment


async def test_no_password_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """That of the place a package comes from may end in logs, which the error's words do."""
    fails = [sys.executable, "-c", "raise SystemExit(1)"]
    monkeypatch.setattr(installer, "command", lambda *_: fails)
    private = Requirements.parse(["mine @ https://me:hunter2@example.org/mine-1.0.zip"])
    with pytest.raises(PackagesFailed, match="mine") as told:
        await installer.install(private, PYTHON, tmp_path / "site")
    assert "hunter2" not in f"{told.value.message} {told.value.detail}"
