"""What is made of the state of the server extension and the front end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export import __version__
from jupyter_session_export.cli.doctor.extensions import judge_lab, judge_server

ON: dict[str, Any] = {"enabled": True, "said_by": [], "import_error": None}


def lab(*versions: str, disabled: tuple[str, ...] = (), at: tuple[str, ...] = ()) -> dict[str, Any]:
    copies = [
        {"path": f"/{place}", "version": version, "whole": True}
        for place, version in enumerate(versions)
    ]
    return {"copies": copies, "disabled": list(disabled), "disabled_at": list(at), "settings": "/s"}


def lab_codes(*versions: str, **options: Any) -> list[str]:
    return [finding.code for finding in judge_lab(lab(*versions, **options))]


def test_an_extension_that_is_on_and_importable_is_well() -> None:
    """Whoever says so."""
    assert judge_server(ON).code == "SERVER_EXTENSION"


def test_a_broken_extension_says_why() -> None:
    """Its own words are the first thing that helps."""
    finding = judge_server({**ON, "import_error": "ImportError: no isal"})
    assert finding.code == "SERVER_EXTENSION_BROKEN"
    assert "ImportError: no isal" in finding.message
    finding = judge_server({"config_error": "NameError: name 'd' is not defined"})
    assert (finding.code, "NameError" in finding.message) == ("SERVER_CONFIG_BROKEN", True)


@pytest.mark.parametrize(
    ("folder", "name", "remedy"),
    [
        ("config", "jupyter_session_export.json", "enable --user jupyter_session_export"),
        ("prefix", "jupyter_session_export.json", "enable --sys-prefix jupyter_session_export"),
        ("config", "site.json", "to true in"),
        ("elsewhere", "jupyter_session_export.json", "to true in"),
    ],
)
def test_the_remedy_is_about_the_place_that_counts(
    folder: str, name: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turning it on elsewhere would be overruled; a file of another name isn't the command's."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    said_by = str(tmp_path / folder / "jupyter_server_config.d" / name)
    finding = judge_server({**ON, "enabled": False, "said_by": [said_by]})
    assert finding.code == "SERVER_EXTENSION_DISABLED"
    assert said_by in finding.message
    assert remedy in (finding.remedy or "")


def test_an_extension_that_nobody_turned_on() -> None:
    """As after a copy of the package without its configuration."""
    finding = judge_server({**ON, "enabled": None})
    assert "not turned on" in finding.message
    assert "--sys-prefix" in (finding.remedy or "")


def test_a_front_end_that_is_there_and_on_is_well() -> None:
    """The first copy counts; without JupyterLab none is needed."""
    assert lab_codes(__version__) == ["LAB_EXTENSION"]
    assert lab_codes(__version__, "0.0.1") == ["LAB_EXTENSION"]
    assert [finding.code for finding in judge_lab(None)] == ["LAB_NOT_INSTALLED"]


def test_a_front_end_that_is_not_there_or_not_whole() -> None:
    """A half-built one is none."""
    assert lab_codes() == ["LAB_EXTENSION_MISSING"]
    half = lab(__version__)
    half["copies"][0]["whole"] = False
    assert [finding.code for finding in judge_lab(half)] == ["LAB_EXTENSION_MISSING"]


def test_an_older_copy_that_comes_first_hides_the_right_one() -> None:
    """The remedy removes the one that hides; alone, it is merely of another version."""
    (finding,) = judge_lab(lab("0.0.1", __version__))
    assert finding.code == "LAB_EXTENSION_SHADOWED"
    assert (finding.remedy or "").endswith(" /0")
    assert lab_codes("0.0.1") == ["LAB_EXTENSION_OTHER_VERSION"]


def test_a_front_end_that_is_turned_off() -> None:
    """All of it is a problem, one of its plugins a warning; the remedy names the level."""
    all_off = judge_lab(lab(__version__, disabled=("jupyter-session-export",), at=("user",)))
    (finding,) = all_off
    assert finding.code == "LAB_EXTENSION_DISABLED"
    assert finding.remedy == "jupyter labextension enable --level=user jupyter-session-export"
    one = "jupyter-session-export:sidebar"
    assert lab_codes(__version__, disabled=(one,)) == ["LAB_PLUGINS_DISABLED"]
    (finding,) = judge_lab(lab(__version__, disabled=(one,)))
    assert finding.remedy == f"Remove {one} from disabledExtensions in /s/page_config.json"
