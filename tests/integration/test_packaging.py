"""What `pip install` of a clone, of a wheel and of an sdist puts on a machine."""

from __future__ import annotations

import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from jupyter_session_export import __version__
from tests.building import (
    ROOT,
    Build,
    Environment,
    clean,
    copy_repository,
    path_with_node,
    path_without_node,
    run,
)
from tests.installed import (
    LABEXTENSION,
    PACKAGE,
    SERVER_CONFIG,
    STARTUP,
    everything_is_on,
    records_and_exports,
    server_of,
)
from tests.kernel_socket import KernelSocket
from tests.servers import isolated_environment

# Each may have to build the front end first.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An empty one."""
    return Environment.make(tmp_path / "venv")


def test_the_sdist_carries_the_built_front_end(build: Build) -> None:
    """So that a wheel can be made of it without Node; npm's packages stay behind."""
    with tarfile.open(build.sdist) as archive:
        names = archive.getnames()
    assert any(name.endswith(f"{PACKAGE}/labextension/package.json") for name in names)
    assert any(name.endswith("labextension/package-lock.json") for name in names)
    assert not any("node_modules" in name for name in names)


def test_the_wheel_is_complete(build: Build) -> None:
    """It has types, migrations, front end, startup file and settings, and no more than that."""
    data = f"{PACKAGE}-{__version__}.data/data"
    names = _members(build.wheel)
    assert f"{PACKAGE}/py.typed" in names
    assert any(name.endswith(".sql") for name in names)
    assert {f"{data}/{STARTUP}", f"{data}/{SERVER_CONFIG}"} <= names
    assert {f"{data}/{LABEXTENSION}/{name}" for name in ("package.json", "install.json")} <= names
    assert any(name.startswith(f"{data}/{LABEXTENSION}/static/remoteEntry") for name in names)
    # The front end is there once, below share/.
    others = ("tests/", "labextension/", "binder/", "tools/", f"{PACKAGE}/labextension/")
    assert not any(name.startswith(others) for name in names)


def _members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    return set(names)


def test_the_wheel_records_and_exports_and_leaves_nothing_on(
    build: Build, environment: Environment, tmp_path: Path
) -> None:
    """In an environment that has it and JupyterLab only.

    When it is uninstalled after having been used, no file of it stays there, and server, kernels
    and JupyterLab start without a word about it. What was recorded stays.
    """
    environment.install("jupyterlab")
    before = set(environment.prefix.rglob("*session*export*"))
    environment.install(build.wheel)
    assert "No broken requirements" in environment.pip("check")
    everything_is_on(environment, tmp_path)
    records_and_exports(environment, tmp_path)
    (log,) = tmp_path.rglob("server.log")
    log.unlink()
    environment.pip("uninstall", "--quiet", "--yes", PACKAGE)
    assert set(environment.prefix.rglob("*session*export*")) == before == set()
    with server_of(environment, tmp_path, "lab") as server:
        assert server.api("GET", "session").status_code == 404
        assert "session_export" not in server.log.read_text()
        with KernelSocket(server, server.start_kernel()) as kernel:
            known = "'session_export' in get_ipython().magics_manager.magics['line']"
            assert kernel.run(f"print({known})").stream("stdout") == "False\n"
        assert len(list((server.data_dir() / "sessions").iterdir())) == 1
        env = server.environment
    listed = run(environment.program("jupyter"), "labextension", "list", cwd=tmp_path, env=env)
    assert "session-export" not in listed


def test_pip_install_of_a_clone_needs_no_node(
    build: Build, environment: Environment, tmp_path: Path
) -> None:
    """As README has it: all that the wheel has is there and on, and git stays clean."""
    clone = copy_repository(tmp_path / "clone")
    environment.install("-r", clone / "pyproject.toml", "jupyterlab")
    path = path_without_node(tmp_path / "programs")
    environment.pip("install", "--quiet", ".", cwd=clone, path=path)
    assert run("git", "status", "--porcelain", cwd=clone, env=clean()) == ""
    everything_is_on(environment, tmp_path)
    (site,) = environment.prefix.glob(f"lib/*/site-packages/{PACKAGE}")
    code = {name for name in _members(build.wheel) if name.startswith(f"{PACKAGE}/")}
    assert not [name for name in code if not (site.parent / name).is_file()]


def test_an_editable_install_has_the_front_end(
    build: Build, environment: Environment, tmp_path: Path
) -> None:
    """Whoever works on a clone sees the front end too."""
    clone = build.new_clone(tmp_path / "clone")
    environment.pip(
        *("install", "--quiet", "--no-deps", "--editable", clone), path=path_with_node()
    )
    assert (environment.prefix / LABEXTENSION / "package.json").is_file()
    assert (environment.prefix / STARTUP).is_file()
    assert run("git", "status", "--porcelain", cwd=clone, env=clean()) == ""


def test_the_lock_file_names_no_host() -> None:
    """npm asks whatever registry the machine is set up for."""
    assert '"resolved"' not in (ROOT / "labextension" / "package-lock.json").read_text()


def test_a_broken_package_breaks_no_kernel(tmp_path: Path) -> None:
    """An IPython whose session export can't be imported starts without a word about it."""
    broken = tmp_path / "broken" / PACKAGE
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
