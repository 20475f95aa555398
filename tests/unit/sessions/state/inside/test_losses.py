"""What can't be kept is told, and costs nothing else."""

from __future__ import annotations

import errno
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jupyter_session_export.sessions.state.inside import blocks, dumping

from .fake_shell import PARTS, FakeShell, cycled

BROKEN = """
import threading, io
class Broken:
    def __init__(self, held): self.held = held
    def __setstate__(self, state): raise RuntimeError("no way back")
before = [1]
inner = ["only in the broken one at first"]
broken = Broken([before, inner])
depends = {"inner": inner}
after = (before, "fine")
"""


@pytest.fixture
def shell() -> FakeShell:
    return FakeShell()


def names(told: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in told]


def test_one_that_cannot_be_pickled_leaves_no_trace(shell: FakeShell, tmp_path: Path) -> None:
    """What it shares with others is theirs alone then, and still shared by those."""
    shell.run("import threading, io; shared = [1]; big = b'x' * 1_000_000")
    shell.run("bad = [shared, big, [2] * 100, threading.Lock()]; also = {'bad': bad}")
    shell.run("first = [shared, big]; second = {'shared': shared}; stream = open('/dev/null')")
    shell.run("view = memoryview(big); later = (i for i in first)")
    told = shell.dump(tmp_path)
    shell.user_ns["stream"].close()
    assert names(told["lost"]) == ["bad", "also", "stream", "view", "later"]
    assert told["lost"][0]["type"] == "list"
    assert told["lost"][0]["reason"] == "TypeError: cannot pickle '_thread.lock' object"
    fresh = FakeShell()
    assert fresh.load(tmp_path) == {"lost": []}
    kept = fresh.user_ns
    assert kept["first"][0] is kept["shared"] is kept["second"]["shared"]
    assert kept["first"][1] is kept["big"]
    assert not {"bad", "also"} & set(kept)


def test_whatever_a_variable_raises_is_its_own(shell: FakeShell, tmp_path: Path) -> None:
    """Be it asked for its class, for its content, or for the words of its error."""
    shell.run(
        """
class Speechless(Exception):
    def __str__(self): raise LookupError
class Proxy:
    @property
    def __class__(self): raise RuntimeError("not now")
class Silent:
    def __reduce__(self): raise Speechless
proxy, silent, x = Proxy(), Silent(), [1]
"""
    )
    told = shell.dump(tmp_path)
    assert {"x", "Proxy", "Silent", "Speechless"} <= set(names(told["kept"]))
    assert {each["name"]: each["reason"] for each in told["lost"]} == {
        "proxy": "RuntimeError: not now",
        "silent": "Speechless: it has no words",
    }


def test_arrays_of_what_cannot_be_pickled_are_not_written(shell: FakeShell, tmp_path: Path) -> None:
    """Nor do they come between those of others."""
    shell.run("import threading; import numpy as np; a = np.arange(9.)")
    shell.run("bad = [np.ones(1000), threading.Lock()]; b = np.arange(7.)")
    told = shell.dump(tmp_path)
    assert set(told["buffers"]["regions"]) >= {9 * 8, 7 * 8}
    assert 1000 * 8 not in told["buffers"]["regions"]
    fresh = FakeShell()
    fresh.load(tmp_path)
    assert fresh.user_ns["b"].tolist() == list(range(7))


def test_one_that_cannot_be_restored_spares_the_others(shell: FakeShell, tmp_path: Path) -> None:
    """Only what has a part in common with it is lost too, and is told so."""
    with shell.in_place():
        shell.run(BROKEN + "import numpy as np\narray = np.arange(3)\nview = array[1:]")
    assert shell.dump(tmp_path)["lost"] == []
    fresh = FakeShell()
    lost = fresh.load(tmp_path)["lost"]
    assert {each["name"]: each["reason"] for each in lost} == {
        "broken": "RuntimeError: no way back"
    }
    kept = fresh.user_ns
    assert kept["after"][0] is kept["before"]
    assert kept["depends"]["inner"] is kept["inner"]
    assert np.shares_memory(kept["array"], kept["view"])


def test_what_lies_in_a_lost_one_is_lost(shell: FakeShell, tmp_path: Path) -> None:
    """Never is a part of it put in as something else."""
    with shell.in_place():
        shell.run(BROKEN)
        shell.run("depends = Broken(['inside']); late = [depends.held, before]; held = late[0]")
    shell.dump(tmp_path)
    fresh = FakeShell()
    lost = fresh.load(tmp_path)["lost"]
    assert names(lost) == ["broken", "depends", "late", "held"]
    assert lost[2]["reason"].endswith("a part of it is in a variable that could not be restored")
    assert fresh.user_ns["after"] == ([1], "fine")


def test_a_value_that_is_an_error_is_a_value(shell: FakeShell, tmp_path: Path) -> None:
    """It is not taken for what went wrong."""
    shell.run("error = ValueError('mine')")
    assert repr(cycled(shell, tmp_path / "1").user_ns["error"]) == "ValueError('mine')"


def test_results_history_place_and_chance_go_on(
    shell: FakeShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`Out`, `_`, `In`, the counter, the folder, added paths, and random numbers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "added"))
    shell.user_ns["_oh"].update({1: [1], 3: "three"})
    shell.run("same = _oh[1]")
    shell.execution_count = 4
    shell.history_manager.input_hist_raw.append("%magic")
    np.random.seed(3)
    shell.dump(tmp_path)
    expected = random.getstate(), np.random.rand()
    monkeypatch.undo()
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(Path.cwd())
    fresh = FakeShell()
    fresh.load(tmp_path)
    assert Path.cwd() == tmp_path
    assert str(tmp_path / "added") in sys.path
    assert (random.getstate(), np.random.rand()) == expected
    kept = fresh.user_ns
    assert kept["_oh"] == {1: [1], 3: "three"}
    assert kept["_1"] is kept["_oh"][1] is kept["same"]
    assert (kept["_"], kept["__"], fresh.displayhook._) == ("three", [1], "three")
    assert fresh.execution_count == 4
    assert fresh.history_manager.input_hist_raw == ["", "%magic"]
    (tmp_path / "again").mkdir()
    assert names(fresh.dump(tmp_path / "again")["kept"]) == ["same", "1", "3"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("at", [0, 0.5, 1])
def test_nothing_is_unpickled_of_what_was_altered(
    shell: FakeShell, tmp_path: Path, part: str, at: float
) -> None:
    """Whichever byte of whichever file it is."""
    with shell.in_place():
        shell.run("import numpy as np; array = np.arange(1000.)")
        shell.run("class Tells:\n    def __reduce__(self): return print, ('unpickled',)")
        shell.run("tells = Tells()")
    shell.dump(tmp_path)
    content = bytearray((tmp_path / part).read_bytes())
    number = int(at * (len(content) - 1))
    content[number] ^= 1
    fresh = FakeShell()
    (digest,) = blocks.hashed(tmp_path / "contents")
    (tmp_path / part).write_bytes(content)
    before = dict(fresh.user_ns)
    assert fresh.load(tmp_path, digest) == {"altered": part}
    assert fresh.user_ns == before


def test_another_python_is_refused(
    shell: FakeShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytecode is each version's own."""
    with monkeypatch.context() as patch:
        patch.setattr(dumping.platform, "python_version", lambda: "2.7.18")
        shell.dump(tmp_path)
    assert FakeShell().load(tmp_path)["written_by"] == "2.7.18"


@pytest.mark.parametrize("code", ["x = list(range(100_000))", "x = __import__('numpy').ones(9)"])
def test_a_full_disk_leaves_nothing(
    shell: FakeShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """Not the variable is to blame; half a file is no file."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    shell.run(code)
    monkeypatch.setattr(blocks, "_write_all", full)
    assert shell.dump(tmp_path)["errno"] == errno.ENOSPC
    monkeypatch.setattr(dumping, "_write", full)
    assert shell.dump(tmp_path)["errno"] == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []
