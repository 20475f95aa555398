"""Layers of installed packages."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.errors import PackagesFailed
from jupyter_session_export.sessions.packages import Layer, Layers, installer
from jupyter_session_export.sessions.packages import layers as module

PYTHON = Path(sys.executable)
DAY = 86400.0


def python_with(layer: Layer, code: str) -> str:
    """Run code in an interpreter that has the layer; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(layer.site)},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def contents(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def age(layer: Layer, days: float) -> None:
    then = time.time() - days * DAY
    os.utime(layer.path / "layer.json", (then, then))


async def test_packages_are_installed_with_what_they_need(
    layers: Layers, offline: list[str], which: str
) -> None:
    """In a folder of their own; the interpreter's own packages stay as they are."""
    lines: list[str] = []
    layer = await layers.get(["outer", *offline], PYTHON, on_line=lines.append)
    assert layer.installed() == {"inner": "2.0", "outer": "1.0"}
    assert python_with(layer, "import outer, inner; print(inner.VERSION)") == "2.0"
    assert (layer.site / "bin" / "outer").exists()
    assert any("outer" in line for line in lines)
    with pytest.raises(ModuleNotFoundError):
        __import__("outer")
    assert layer.path.stat().st_mode & 0o777 == 0o700


async def test_a_wheel_alone_is_enough(layers: Layers, wheels: Path, which: str) -> None:
    """By its path, without an index."""
    (wheel,) = wheels.glob("inner*")
    layer = await layers.get([str(wheel), "--no-index"], PYTHON)
    assert layer.installed() == {"inner": "2.0"}


async def test_the_same_set_is_installed_once(
    layers: Layers, tmp_path: Path, offline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for those who ask at the same time, in whatever process."""
    made: list[Path] = []
    install = module.install

    async def counted(*given: Any) -> None:
        made.append(given[2])
        await install(*given)

    monkeypatch.setattr(module, "install", counted)
    packages = ["inner", *offline]
    both = await asyncio.gather(
        layers.get(packages, PYTHON), Layers(tmp_path).get(reversed(packages), PYTHON)
    )
    again = await layers.get(packages, PYTHON)
    assert len({layer.path for layer in (*both, again)}) == 1
    assert len(made) == 1


async def test_a_failed_install_leaves_nothing(
    layers: Layers, tmp_path: Path, offline: list[str], which: str
) -> None:
    """The error has the installer's own words."""
    with pytest.raises(PackagesFailed, match="Could not install absent, inner") as caught:
        await layers.get(["inner", "absent", *offline], PYTHON)
    assert "absent" in (caught.value.detail or "")
    assert contents(tmp_path / "packages") == {"uses", "locks"}
    assert contents(tmp_path / "packages" / "uses") == set()
    assert (await layers.get(["inner", *offline], PYTHON)).installed() == {"inner": "2.0"}


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installer that says its pid and a secret, starts another process, and never ends."""
    script = tmp_path / "slow.py"
    script.write_text(
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(f'pids {os.getpid()} {child.pid}\\nhttps://me:secret@host/', flush=True)\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setattr(installer, "command", lambda *_: [sys.executable, str(script)])
    return script


async def gone(pids: list[int]) -> bool:
    """Wait until no such process runs."""
    for pid in pids:
        while Path(f"/proc/{pid}").exists() and "(Z" not in stat(pid) and ") Z" not in stat(pid):
            await asyncio.sleep(0.02)
    return True


def stat(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ") Z"


async def test_who_gives_up_leaves_nothing(layers: Layers, tmp_path: Path, slow: Path) -> None:
    """No process, no folder, no lock."""
    lines: list[str] = []
    asked = asyncio.create_task(layers.get(["inner"], PYTHON, on_line=lines.append))
    while len(lines) < 2:
        await asyncio.sleep(0.02)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await gone([int(each) for each in lines[0].split()[1:]])
    assert lines[1] == "https://[secret]@host/"
    assert contents(tmp_path / "packages") == {"uses", "locks"}
    assert contents(tmp_path / "packages" / "uses") == set()


async def test_an_install_has_an_end(layers: Layers, slow: Path) -> None:
    """After its time it is a failed one."""
    with pytest.raises(PackagesFailed) as caught:
        await layers.get(["inner"], PYTHON, seconds=1)
    assert "It was ended after 1 s." in (caught.value.detail or "")


async def test_what_is_too_old_goes(layers: Layers, tmp_path: Path, offline: list[str]) -> None:
    """Unless somebody uses it; a use makes it young."""
    old = await layers.get(["inner", *offline], PYTHON)
    used = await layers.get(["outer", *offline], PYTHON)
    age(old, 40)
    age(used, 40)
    assert layers.remove_unused(0, 30) == 0
    old.release()
    old.release()
    assert layers.remove_unused(0, 0) == 0
    assert layers.remove_unused(0, 50) == 0
    assert layers.remove_unused(0, 30) > 0
    assert not old.path.exists()
    assert used.path.exists()
    used.release()
    (await layers.get(["outer", *offline], PYTHON)).release()
    assert layers.remove_unused(0, 30) == 0


async def test_what_is_too_much_goes_the_oldest_first(
    layers: Layers, tmp_path: Path, offline: list[str]
) -> None:
    """Until the rest fits."""
    made = [await layers.get([name, *offline], PYTHON) for name in ("inner", "outer")]
    for days, layer in enumerate(made, 1):
        age(layer, days)
        layer.release()
    assert layers.remove_unused(10**9, 0) == 0
    sizes = [json.loads((each.path / "layer.json").read_bytes())["bytes"] for each in made]
    assert layers.remove_unused(sum(sizes) - 1, 0) == sizes[1]
    assert [layer.path.exists() for layer in made] == [True, False]
    layers.remove_unused(1, 0)
    assert contents(tmp_path / "packages") == {"uses", "locks"}


async def test_what_a_dead_process_has_left_goes(
    layers: Layers, tmp_path: Path, offline: list[str]
) -> None:
    """Half a layer, and the word that it uses one."""
    layer = await layers.get(["inner", *offline], PYTHON)
    folder = tmp_path / "packages"
    half = folder / f".{'a' * 32}.0123"
    (half / "site").mkdir(parents=True)
    pid = python_with(layer, "import os; print(os.getpid())")
    layer.use.rename(layer.use.with_name(f"{layer.path.name}.{pid}.1.0123"))
    assert layers.remove_unused(1, 0) > 0
    assert contents(folder) == {"uses", "locks"}
    assert contents(folder / "uses") == set()


def test_nothing_is_made_by_cleaning_up(layers: Layers, tmp_path: Path) -> None:
    """There may never have been a package."""
    assert layers.remove_unused(1, 1) == 0
    assert contents(tmp_path) == set()
