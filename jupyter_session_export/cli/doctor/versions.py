"""Which versions are installed beside this program, and whether it works with them."""

from __future__ import annotations

import platform
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from ... import __version__
from .commands import pip_install
from .finding import Finding, found, well
from .source import OURS

SHOWN = (
    "jupyter_server",
    "jupyterlab",
    "notebook",
    "ipywidgets",
    "ipykernel",
    "ipython",
    "jupyter_client",
    "jupyter_core",
    "tornado",
    "pyzmq",
    "nbconvert",
)
"""What people are asked for when something is wrong."""
NO_EXTRA = {"extra": ""}
FRONT_ENDS = ("jupyterlab>=4.2", "notebook>=7.2")
"""What we need of those where they are installed at all."""


def examine_versions() -> Iterator[Finding]:
    """Compare what is installed with what our package asks for."""
    return judge(_installed(), [*_required(), *map(Requirement, FRONT_ENDS)])


def judge(installed: Mapping[str, str], required: list[Requirement]) -> Iterator[Finding]:
    """Tell the versions, then what is missing or too old; keys are normalized names."""
    python = platform.python_version()
    shown = {name: installed[key] for name in SHOWN if (key := normalized(name)) in installed}
    told = ", ".join(f"{name} {version}" for name, version in shown.items())
    yield well(
        "VERSIONS",
        f"{OURS} {__version__}, Python {python}, {told}",
        versions={OURS: __version__, "python": python, **shown},
        sqlite=sqlite3.sqlite_version,
        platform=platform.platform(),
        executable=sys.executable,
    )
    optional = {Requirement(each).name for each in FRONT_ENDS}
    for each in required:
        version = installed.get(normalized(each.name))
        if version is None and each.name not in optional:
            yield found(
                "PACKAGE_MISSING",
                f"{each.name} is not installed, and {OURS} needs it.",
                pip_install(str(each)),
                package=each.name,
            )
        elif version is not None and not _fits(version, each):
            yield found(
                "PACKAGE_TOO_OLD",
                f"{each.name} {version} is installed; {each.specifier} is needed.",
                pip_install(f"{each.name}{each.specifier}"),
                package=each.name,
                version=version,
            )


def normalized(name: str) -> str:
    """Write a package's name as PEP 503 compares them."""
    return name.lower().replace("_", "-").replace(".", "-")


def _fits(version: str, requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True


def _installed() -> dict[str, str]:
    found_versions: dict[str, str] = {}
    for distribution in metadata.distributions():
        # A half-removed package has a folder but no name.
        if name := distribution.metadata["Name"]:
            found_versions.setdefault(normalized(name), distribution.version)
    return found_versions


def _required() -> list[Requirement]:
    try:
        lines = metadata.requires(OURS) or []
    except metadata.PackageNotFoundError:
        # Run from a folder that was never installed.
        lines = []
    requirements = map(Requirement, lines)
    return [each for each in requirements if not each.marker or each.marker.evaluate(NO_EXTRA)]
