"""Versions are compared with what the package needs."""

from __future__ import annotations

from packaging.requirements import Requirement

from jupyter_session_export.cli.doctor.versions import examine_versions, judge

NEEDED = [Requirement("jupyter_server>=2.14"), Requirement("jupyterlab>=4.2")]


def codes(**installed: str) -> list[str]:
    names = {name.replace("_", "-"): version for name, version in installed.items()}
    return [finding.code for finding in judge(names, NEEDED)]


def test_what_fits_is_well() -> None:
    """Also a release candidate, and a version that is no PEP 440 one."""
    assert codes(jupyter_server="2.14.0", jupyterlab="4.3.0rc1") == ["VERSIONS"]
    assert codes(jupyter_server="custom build") == ["VERSIONS"]


def test_what_is_too_old_or_missing_is_named_with_its_command() -> None:
    """A front end may be missing, but not be too old."""
    assert codes(jupyterlab="4.1.8") == ["VERSIONS", "PACKAGE_MISSING", "PACKAGE_TOO_OLD"]
    _, missing, old = judge({"jupyterlab": "4.1.8"}, NEEDED)
    assert (missing.remedy or "").endswith('-m pip install "jupyter_server>=2.14"')
    assert old.facts == {"package": "jupyterlab", "version": "4.1.8"}


def test_this_environment_is_well() -> None:
    """It runs the tests, so it has all that is needed."""
    (finding,) = examine_versions()
    assert {"python", "jupyter_server", "ipywidgets"} <= set(finding.facts["versions"])
