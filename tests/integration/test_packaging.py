"""What `pip install` of a clone, of a wheel and of an sdist puts on a machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from jupyter_session_export import __version__
from tests.front_end import provide_node
from tests.servers import isolated_environment

ROOT = Path(__file__).parents[2]
NODE = {"node", "nodejs", "npm", "npx", "corepack"}
LABEXTENSION = "share/jupyter/labextensions/jupyter-session-export"
STARTUP = "etc/ipython/startup/50-jupyter_session_export.py"

# Each builds the front end and installs JupyterLab from a package index.
pytestmark = pytest.mark.timeout(900)


def run(*command: str | Path, cwd: Path, env: dict[str, str]) -> str:
    """Run a command and return all it wrote; it must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def copy_repository(clone: Path) -> Path:
    """Make a repository of what git would commit of this one, and nothing that was built."""
    listing = run(
        *("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"),
        cwd=ROOT,
        env=dict(os.environ),
    )
    for name in filter(None, listing.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    author = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for command in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "-m", "All"]):
        run("git", *command, cwd=clone, env=dict(os.environ))
    return clone


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which nothing was ever built."""
    return copy_repository(tmp_path / "clone")


@pytest.fixture(scope="module")
def used_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone that tests share, so that npm fills its node_modules only once."""
    return copy_repository(tmp_path_factory.mktemp("used") / "clone")


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter of a fresh virtual environment."""
    venv.create(tmp_path / "venv", with_pip=True)
    return tmp_path / "venv" / "bin" / "python"


@pytest.fixture
def path_with_node(monkeypatch: pytest.MonkeyPatch) -> str:
    """A PATH on which there is a Node that is fit."""
    monkeypatch.setenv("PATH", os.environ["PATH"])
    provide_node()
    return os.environ["PATH"]


@pytest.fixture
def path_without_node(tmp_path: Path) -> str:
    """A PATH with every program of this machine but Node's."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for folder in os.environ["PATH"].split(os.pathsep):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            link = programs / program.name
            if program.name not in NODE and not link.is_symlink():
                link.symlink_to(program)
    return str(programs)


@pytest.mark.parametrize("path", ["path_with_node", "path_without_node"])
def test_pip_install_of_a_clone_turns_everything_on(
    path: str, clone: Path, python: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Server extension, front end and magic are on without another command; git stays clean."""
    env = {**os.environ, "PATH": request.getfixturevalue(path)}
    run(python, "-m", "pip", "install", "--quiet", clone, "jupyterlab", cwd=clone, env=env)
    assert run("git", "status", "--porcelain", cwd=clone, env=env) == ""

    prefix, env = python.parents[1], isolated_environment(tmp_path / "home")
    assert (prefix / STARTUP).is_file()
    jupyter = python.with_name("jupyter")
    servers = run(jupyter, "server", "extension", "list", cwd=tmp_path, env=env)
    assert f"jupyter_session_export {__version__}" in servers
    assert "error" not in servers.lower()
    front_ends = run(jupyter, "labextension", "list", cwd=tmp_path, env=env)
    (line,) = (line for line in front_ends.splitlines() if "jupyter-session-export" in line)
    assert "enabled" in line
    assert "OK" in line
    code = "print('session_export' in get_ipython().magics_manager.magics['line'])"
    ipython = (python, "-m", "IPython", "--colors=nocolor", "-c", code)
    assert run(*ipython, cwd=tmp_path, env=env).strip() == "True"


def test_the_wheel_and_the_sdist_are_complete(
    used_clone: Path, python: Path, tmp_path: Path, path_with_node: str, path_without_node: str
) -> None:
    """The sdist carries the built front end, so a wheel can be made of it without Node."""
    env = {**os.environ, "PATH": path_with_node}
    run(python, "-m", "pip", "install", "--quiet", "build", cwd=used_clone, env=env)
    command = ["build", "--sdist", "--wheel", "--outdir", str(tmp_path / "first")]
    run(python, "-m", *command, cwd=used_clone, env=env)
    assert run("git", "status", "--porcelain", cwd=used_clone, env=env) == ""
    (sdist,) = (tmp_path / "first").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert any(name.endswith("jupyter_session_export/labextension/package.json") for name in names)
    assert any(name.endswith("labextension/package-lock.json") for name in names)
    assert not any("node_modules" in name for name in names)

    env = {**os.environ, "PATH": path_without_node}
    command = ["wheel", "-v", "--no-deps", "--wheel-dir", str(tmp_path / "second"), str(sdist)]
    said = run(python, "-m", "pip", *command, cwd=tmp_path, env=env)
    assert "nodejs" not in said
    first, second = (
        _members(next((tmp_path / folder).glob("*.whl"))) for folder in ("first", "second")
    )
    assert first == second
    data = f"jupyter_session_export-{__version__}.data/data"
    assert "jupyter_session_export/py.typed" in first
    assert any(name.endswith(".sql") for name in first)
    assert f"{data}/{STARTUP}" in first
    assert f"{data}/etc/jupyter/jupyter_server_config.d/jupyter_session_export.json" in first
    assert {f"{data}/{LABEXTENSION}/{name}" for name in ("package.json", "install.json")} <= first
    assert any(name.startswith(f"{data}/{LABEXTENSION}/static/remoteEntry") for name in first)
    assert not any(name.startswith(("tests/", "labextension/")) for name in first)


def _members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    return set(names)


def test_an_editable_install_has_the_front_end(
    used_clone: Path, python: Path, path_with_node: str
) -> None:
    """Whoever works on a clone sees the front end too."""
    env = {**os.environ, "PATH": path_with_node}
    run(
        *(python, "-m", "pip", "install", "--quiet", "--no-deps", "--editable", used_clone),
        cwd=used_clone,
        env=env,
    )
    assert (python.parents[1] / LABEXTENSION / "package.json").is_file()
    assert (python.parents[1] / STARTUP).is_file()
    assert run("git", "status", "--porcelain", cwd=used_clone, env=env) == ""


def test_the_lock_file_names_no_host() -> None:
    """npm asks whatever registry the machine is set up for."""
    assert '"resolved"' not in (ROOT / "labextension" / "package-lock.json").read_text()


def test_a_broken_package_breaks_no_kernel(tmp_path: Path) -> None:
    """An IPython whose session export can't be imported starts without a word about it."""
    broken = tmp_path / "broken" / "jupyter_session_export"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise RuntimeError('on purpose')")
    env = isolated_environment(tmp_path / "home")
    startup = Path(env["IPYTHONDIR"]) / "profile_default" / "startup"
    startup.mkdir(parents=True)
    shutil.copy(ROOT / "ipython-startup" / Path(STARTUP).name, startup)
    env["PYTHONPATH"] = str(broken.parent)
    code = "print(6 * 7, '_load_session_export' in globals())"
    ipython = (sys.executable, "-m", "IPython", "--colors=nocolor", "-c", code)
    assert run(*ipython, cwd=tmp_path, env=env).strip() == "42 False"
