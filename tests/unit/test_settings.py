"""The settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets import TraitError

from jupyter_session_export.settings import BOUNDS, SessionExport, load_settings


def test_every_setting_says_its_default() -> None:
    """A trait's help states the default and what turns it off or bounds it."""
    for name, trait in SessionExport.class_own_traits().items():
        if trait.metadata.get("config"):
            assert "Default" in trait.help or "default" in trait.help, name


@pytest.mark.parametrize("name", BOUNDS)
def test_numbers_out_of_bounds_are_refused(name: str) -> None:
    """The message names the setting and its bounds."""
    least, most = BOUNDS[name]
    for value in (least - 1, most + 1):
        with pytest.raises(TraitError, match=f"SessionExport.{name} must be from"):
            SessionExport(**{name: value})


def test_the_environment_sets_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """SESSION_TIMEOUT_HOURS is the default's default."""
    monkeypatch.setenv("SESSION_TIMEOUT_HOURS", "1.5")
    assert SessionExport().session_timeout_hours == 1.5


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf"])
def test_a_timeout_that_makes_no_sense_is_told_at_once(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not when a session is to end; what the settings say counts for more."""
    monkeypatch.setenv("SESSION_TIMEOUT_HOURS", text)
    with pytest.raises(TraitError, match="SESSION_TIMEOUT_HOURS must be a number of hours"):
        load_settings()
    SessionExport(session_timeout_hours=1).check_environment()


def test_the_command_line_reads_the_config_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`jupyter_session_export_config.py` counts where there is no server."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    (tmp_path / "jupyter_session_export_config.py").write_text(
        "c.SessionExport.data_dir = '/elsewhere'\n"
    )
    assert load_settings().data_dir == "/elsewhere"


def test_the_environment_turns_recording_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """For one kernel, say; what a configuration says counts more."""
    assert SessionExport().record
    monkeypatch.setenv("JPY_SESSION_EXPORT_RECORD", "0")
    assert not SessionExport().record
    assert SessionExport(record=True).record


def test_templates_say_only_what_a_session_takes() -> None:
    """What is misspelt, or of another kind, is refused when it is set."""
    good = {
        "one": {
            "language": "python",
            "kernel": "python3",
            "packages": ["numpy>=2"],
            "files": {"in.csv": "/data/in.csv"},
            "env": {"NAME": "value"},
        },
        "empty": {},
    }
    assert SessionExport(session_templates=good).session_templates == good
    for bad in (
        {"package": ["numpy"]},
        {"packages": "numpy"},
        {"packages": [1]},
        {"env": {"NAME": 1}},
        {"files": ["in.csv"]},
        {"language": None},
    ):
        with pytest.raises(TraitError, match="session_templates"):
            SessionExport(session_templates={"one": bad})
