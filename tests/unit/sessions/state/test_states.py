"""A session's states on disk, with a real kernel."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.errors import (
    InvalidName,
    NotSupported,
    RunFailed,
    StateNotFound,
    StateRefused,
    StoreUnavailable,
)
from jupyter_session_export.sessions.state import (
    SUSPENDED,
    Past,
    Rebuild,
    State,
    States,
    StoreKey,
)
from jupyter_session_export.sessions.state import states as states_module
from jupyter_session_export.store.folder import SessionFolder

from .real_link import RealLink

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def reset(kernel: RealLink, code: str = "pass") -> None:
    """Give the kernel an empty namespace, then run this."""
    await kernel.run("%reset -f")
    await kernel.run(code)


async def test_a_fresh_kernel_has_what_the_old_one_had(
    kernel: RealLink, states: States, folder: SessionFolder
) -> None:
    """Again and again; nothing but the user's own names gets into the namespace."""
    await reset(kernel)
    await kernel.run("import numpy as np; a = np.arange(9.); half = a[::2]; names = lambda: dir()")
    await kernel.execute("6 * 7")
    names = await kernel.run("print([each for each in dir() if each[0] != '_'])")
    for cycle in range(2):
        state = await states.save(kernel, SUSPENDED)
        kept = [each.name for each in state.kept if each.kind == "variable"]
        assert kept == ["np", "names", "a", "half"]
        assert state.lost == ()
        await kernel.restart()
        assert await states.load(kernel, SUSPENDED) == ()
        told = await kernel.run("half[1] += 1; print(a[2], _, Out[max(Out)])")
        assert told == f"{cycle + 3}.0 42 42"
    assert await kernel.run("print([each for each in dir() if each[0] != '_'])") == names
    modes = {path.stat().st_mode & 0o777 for path in folder.states.iterdir()}
    assert modes == {0o600}
    assert folder.states.stat().st_mode & 0o777 == 0o700
    assert len(list(folder.states.iterdir())) == 4


async def test_what_is_lost_is_told_with_what_makes_it_again(
    kernel: RealLink, states: States
) -> None:
    """The kernel keeps it meanwhile: a snapshot takes nothing away."""
    codes = ["import sqlite3", "db = sqlite3.connect(':memory:')", "x = 1"]
    await reset(kernel)
    for code in codes:
        await kernel.run(code)
    history = [Past(number, code) for number, code in enumerate(codes, 1)]
    state = await states.save(kernel, "first", history)
    (lost,) = state.lost
    assert (lost.name, lost.type, lost.rebuild) == ("db", "sqlite3.Connection", Rebuild((2,), True))
    assert states.get("first") == state
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state
    assert await kernel.run("print(db.execute('select 1').fetchone(), x)") == "(1,) 1"


async def test_snapshots_have_names(
    kernel: RealLink, states: States, folder: SessionFolder
) -> None:
    """Each is there until it is replaced or removed, with all that it is made of."""
    await reset(kernel, "x = 1")
    await states.save(kernel, "b")
    await kernel.run("x = 2")
    await states.save(kernel, "a-2.1")
    await states.save(kernel, SUSPENDED)
    await kernel.run("x = 3")
    await states.save(kernel, "b")
    assert states.names() == ["a-2.1", "b"]
    assert len(list(folder.states.iterdir())) == 12
    for name, value in (("a-2.1", "2"), ("b", "3")):
        await kernel.restart()
        await states.load(kernel, name)
        assert await kernel.run("print(x)") == value
    for name in ("b", "a-2.1", SUSPENDED):
        states.remove(name)
        with pytest.raises(StateNotFound):
            states.get(name)
    with pytest.raises(StateNotFound):
        states.remove("b")
    assert list(folder.states.iterdir()) == []
    for bad in ("", "../x", "a/b", "~suspended2", "x" * 65, ".hidden"):
        with pytest.raises(InvalidName):
            states.get(bad)


async def test_nobody_waits_until_the_disk_is_free_but_who_writes_to_it(
    kernel: RealLink, states: States, folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To free a state takes long; meanwhile it is gone, and its files aren't the next one's."""
    await reset(kernel, "x = 1")
    await states.save(kernel, SUSPENDED)
    sweep, goes_on = states._sweep, threading.Event()

    def slow() -> None:
        assert goes_on.wait(60)
        sweep()

    monkeypatch.setattr(states, "_sweep", slow)
    states.remove(SUSPENDED)
    with pytest.raises(StateNotFound):
        states.get(SUSPENDED)
    assert len(list(folder.states.iterdir())) == 3
    ask = states_module.ask_inside

    async def ask_then(*arguments: Any, **named: Any) -> dict[str, Any]:
        assert goes_on.is_set()
        return await ask(*arguments, **named)

    monkeypatch.setattr(states_module, "ask_inside", ask_then)
    asyncio.get_running_loop().call_later(0.2, goes_on.set)
    await states.save(kernel, "a")
    assert len(list(folder.states.iterdir())) == 4
    states.check("a")


async def test_a_session_without_states_has_none(states: States) -> None:
    """Nothing is made by asking."""
    assert states.names() == []
    with pytest.raises(StateNotFound):
        states.get(SUSPENDED)


@pytest.mark.parametrize("suffix", [".json", ".contents", ".objects", ".buffers"])
async def test_an_altered_state_is_refused(
    kernel: RealLink, states: States, folder: SessionFolder, suffix: str
) -> None:
    """Whichever file it is in; the namespace is as it was."""
    await reset(kernel, "import numpy as np; a = np.arange(9); x = 'mine'")
    await states.save(kernel, "a")
    await reset(kernel)
    (path,) = (each for each in folder.states.iterdir() if each.suffix == suffix)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StateRefused):
        await states.load(kernel, "a")
    assert await kernel.run("print('x' in dir(), 'np' in dir())") == "False False"


async def test_a_state_of_another_name_session_or_store_is_refused(
    kernel: RealLink, states: States, folder: SessionFolder, tmp_path: Path
) -> None:
    """A signature is for one place only."""
    await reset(kernel, "x = 1")
    await states.save(kernel, "a")
    os.link(folder.states / "a.json", folder.states / "b.json")
    with pytest.raises(StateRefused):
        states.get("b")
    other = SessionFolder(tmp_path / ("a1" * 16))
    folder.path.rename(other.path)
    with pytest.raises(StateRefused):
        States(other, StoreKey(tmp_path)).get("a")
    other.path.rename(folder.path)
    assert states.get("a").name == "a"
    (tmp_path / "other").mkdir()
    with pytest.raises(StateRefused):
        States(folder, StoreKey(tmp_path / "other")).get("a")


async def test_a_full_disk_costs_nothing(
    kernel: RealLink, states: States, folder: SessionFolder
) -> None:
    """The state of before stays, no half file is left, and the kernel has all that it had."""
    await reset(kernel, "x = 'before'")
    await states.save(kernel, "a")
    files = sorted(folder.states.iterdir())
    await kernel.run(
        "import resource\nlimits = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))\nbig = b'x' * 1_000_000"
    )
    with pytest.raises(StoreUnavailable, match="keep or restore"):
        await states.save(kernel, "a")
    await kernel.run("resource.setrlimit(resource.RLIMIT_FSIZE, limits)")
    assert sorted(folder.states.iterdir()) == files
    assert states.get("a").kept[0].name == "x"
    assert await kernel.run("print(len(big), x)") == "1000000 before"


async def test_the_disk_has_it_before_it_counts(
    kernel: RealLink, states: States, folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full only when it is asked for all costs neither the old state nor more."""
    await reset(kernel, "x = 'before'")
    await states.save(kernel, "a")
    files = sorted(folder.states.iterdir())
    synced: list[str] = []

    def fail(path: Path) -> None:
        synced.append(path.suffix)
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(states_module, "put_on_disk", fail)
    await kernel.run("x = 'after'")
    with pytest.raises(StoreUnavailable):
        await states.save(kernel, "a")
    assert synced == [".contents"]
    assert sorted(folder.states.iterdir()) == files
    assert await kernel.run("print(x)") == "after"


async def test_an_interrupted_save_leaves_the_kernel_as_it_was(
    kernel: RealLink, states: States, folder: SessionFolder
) -> None:
    """Nor does it leave a file."""
    slow = (
        "import time\nclass Slow:\n    def __reduce__(self): time.sleep(60)\nslow = Slow(); x = 1"
    )
    await reset(kernel, slow)
    saving = asyncio.create_task(states.save(kernel, "a"))
    while not list(folder.states.glob("*.objects")):
        await asyncio.sleep(0.02)
    await kernel.interrupt()
    with pytest.raises(RunFailed, match="asked of its kernel") as caught:
        await saving
    assert "KeyboardInterrupt" in (caught.value.detail or "")
    assert list(folder.states.iterdir()) == []
    assert await kernel.run("print(x, type(slow).__name__)") == "1 Slow"


async def test_what_cannot_be_restored_is_told(kernel: RealLink, states: States) -> None:
    """The rest is there."""
    code = "class Bad:\n    def __setstate__(self, state): 1 / 0\nbad = Bad(); bad.x = 1; y = [2]"
    await reset(kernel, code)
    await states.save(kernel, "a", [Past(1, code)])
    await kernel.restart()
    (lost,) = await states.load(kernel, "a")
    assert (lost.name, lost.reason) == ("bad", "ZeroDivisionError: division by zero")
    assert await kernel.run("print(y, Bad.__name__)") == "[2] Bad"


async def test_other_languages_and_places_are_refused(kernel: RealLink, states: States) -> None:
    """With what can be done instead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "kernel", replace(kernel.kernel, language="bash"))
        with pytest.raises(NotSupported, match="can't be written") as caught:
            await states.save(kernel, "a")
    assert "freeze" in (caught.value.detail or "")
    assert states.names() == []


async def test_arrays_are_neither_copied_to_be_kept_nor_to_be_restored(
    kernel: RealLink, states: States
) -> None:
    """The kernel's peak is a few blocks above what it holds anyway."""
    megabytes = 128
    measured = "open('/proc/self/status').read().split('VmHWM:')[1].split()[0]"
    setting = "import numpy as np; open('/proc/self/clear_refs', 'w').write('5')"
    await kernel.restart()
    await kernel.run(f"import numpy as np; a = np.ones({megabytes} * 2**17)")
    await states.save(kernel, "warm")
    await kernel.run(setting)
    before = int(await kernel.run(f"print({measured})"))
    await states.save(kernel, "a")
    assert int(await kernel.run(f"print({measured})")) - before < 48 * 1024
    await kernel.restart()
    await kernel.run(setting)
    before = int(await kernel.run(f"print({measured})"))
    await states.load(kernel, "a")
    assert int(await kernel.run(f"print({measured})")) - before < (megabytes + 64) * 1024
