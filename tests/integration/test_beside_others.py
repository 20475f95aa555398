"""The wheel beside the oldest and newest of what it stands on, and beside other extensions."""

from __future__ import annotations

import re
import shutil
import subprocess
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.building import Build, Environment
from tests.installed import everything_is_on, records_and_exports

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

OLDEST, NEWEST = (3, 10), (3, 14)
APPLICATIONS = ["jupyterlab>=4.2", "notebook>=7.2", "ipykernel>=6.29"]
NEIGHBOURS = [
    "jupyter-archive",
    "jupyter-collaboration",
    "jupyter-resource-usage",
    "jupyterlab-git",
]


def interpreters() -> list[str]:
    """Return each supported Python of this machine, the oldest first."""
    minors = range(OLDEST[1], NEWEST[1] + 1)
    found = (_interpreter(f"3.{minor}") for minor in minors)
    return [python for python in found if python is not None]


def _interpreter(version: str) -> str | None:
    """Return the Python of a version, on PATH or of pyenv, if it really runs."""
    on_path = shutil.which(f"python{version}")
    of_pyenv = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
    for python in [on_path, *map(str, of_pyenv)]:
        if python and _version(python) == version:
            return python
    return None


def _version(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def requirements(wheel: Path) -> list[str]:
    """Return what a wheel says that it needs, without its extras."""
    with ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        said = Parser().parsestr(archive.read(name).decode())
    return [each for each in said.get_all("Requires-Dist", []) if "extra ==" not in each]


@pytest.mark.parametrize("app", ["lab", "notebook"])
@pytest.mark.parametrize("python", interpreters())
def test_the_newest(build: Build, tmp_path: Path, python: str, app: str) -> None:
    """Whatever an index has today, on each Python of this machine."""
    environment = Environment.make(tmp_path / "venv", python)
    environment.install(build.wheel, *APPLICATIONS)
    everything_is_on(environment, tmp_path)
    records_and_exports(environment, tmp_path, app)


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_the_oldest(build: Build, tmp_path: Path, app: str) -> None:
    """The lowest of each version that the wheel says it takes, on the oldest Python."""
    environment = Environment.make(tmp_path / "venv", interpreters()[0])
    lowest = ["--resolution", "lowest-direct"]
    environment.install(*lowest, build.wheel, *requirements(build.wheel), *APPLICATIONS)
    listed = environment.pip("list")
    for name, version in (("jupyterlab", "4.2.0"), ("notebook", "7.2.0"), ("ipywidgets", "8.0")):
        assert re.search(rf"^{name} +{re.escape(version)}", listed, re.MULTILINE), listed
    everything_is_on(environment, tmp_path)
    records_and_exports(environment, tmp_path, app)


def test_neighbours(build: Build, tmp_path: Path) -> None:
    """Other extensions and this one have what they need; all are on, and our routes answer."""
    environment = Environment.make(tmp_path / "venv")
    environment.install("jupyterlab", *NEIGHBOURS)
    environment.pip("install", "--quiet", build.wheel)
    assert "No broken requirements" in environment.pip("check")
    everything_is_on(environment, tmp_path)
    log = records_and_exports(environment, tmp_path)
    for name in ("jupyter_archive", "jupyter_resource_usage", "jupyterlab_git", "server_ydoc"):
        assert re.search(rf"{name} \| extension was successfully loaded", log), log
