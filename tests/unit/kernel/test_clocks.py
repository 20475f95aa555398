from __future__ import annotations

import gc
import importlib
import importlib.util
import sys
import threading
import time
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest

from jupyter_session_export.kernel.collection_clock import CollectionClock
from jupyter_session_export.kernel.import_clock import ImportClock
from jupyter_session_export.kernel.output_clock import OutputClock


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on sys.path; what is imported from it is forgotten again."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def imports() -> Iterator[ImportClock]:
    clock = ImportClock()
    clock.install()
    yield clock
    clock.remove()
    assert clock not in sys.meta_path


def write(folder: Path, **sources: str) -> None:
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    importlib.invalidate_caches()


SLEEP = "import time; time.sleep(0.05)\n"


def test_a_cold_import_is_timed_and_a_warm_one_is_not(modules: Path, imports: ImportClock) -> None:
    """The first takes as long as it takes; the second never gets here."""
    write(modules, clock_a=SLEEP)
    before = imports.seconds
    start = time.perf_counter()
    importlib.import_module("clock_a")
    took = time.perf_counter() - start
    assert 0.05 <= imports.seconds - before <= took
    before = imports.seconds
    importlib.import_module("clock_a")
    assert imports.seconds == before


def test_imports_within_imports_count_once(modules: Path, imports: ImportClock) -> None:
    """Whoever imports them has waited for them."""
    write(modules, clock_b=f"{SLEEP}import clock_c, clock_d\n", clock_c=SLEEP, clock_d=SLEEP)
    before = imports.seconds
    start = time.perf_counter()
    importlib.import_module("clock_b")
    took = time.perf_counter() - start
    assert 0.15 <= imports.seconds - before <= took


def test_an_import_that_fails_is_timed_too(modules: Path, imports: ImportClock) -> None:
    """And fails as it would without the clock."""
    write(modules, clock_e=f"{SLEEP}1 / 0\n")
    before = imports.seconds
    with pytest.raises(ZeroDivisionError):
        importlib.import_module("clock_e")
    assert imports.seconds - before >= 0.05
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("clock_nowhere")


def test_a_module_is_none_the_wiser(modules: Path, imports: ImportClock) -> None:
    """Its loader is its own, of its own kind, with nothing added."""
    write(modules, clock_f="x = 1\n")
    module = importlib.import_module("clock_f")
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert not {"create_module", "exec_module"} & set(vars(module.__loader__))
    assert importlib.reload(module) is module


def test_looking_for_a_module_is_not_loading_it(modules: Path, imports: ImportClock) -> None:
    """What lies between a search and the loading is nobody's import."""
    write(modules, clock_g="x = 1\n")
    spec = importlib.util.find_spec("clock_g")
    assert spec is not None
    assert spec.loader is not None
    before = imports.seconds
    time.sleep(0.05)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert imports.seconds - before < 0.05


def test_built_in_modules_are_found_by_their_own_finders(imports: ImportClock) -> None:
    """Their loaders are shared by all, so they are left alone."""
    before = vars(sys.modules["importlib.machinery"].BuiltinImporter).copy()
    sys.modules.pop("_opcode", None)
    importlib.import_module("_opcode")
    assert vars(sys.modules["importlib.machinery"].BuiltinImporter) == before


def test_other_threads_are_not_timed(modules: Path, imports: ImportClock) -> None:
    """A cell doesn't wait for them."""
    write(modules, clock_h=SLEEP)
    before = imports.seconds
    thread = threading.Thread(target=importlib.import_module, args=("clock_h",))
    thread.start()
    thread.join()
    assert imports.seconds == before


def test_collections_are_timed() -> None:
    """Also those that code asks for."""
    clock = CollectionClock()
    clock.install()
    try:
        rings = [[] for _ in range(200_000)]
        for ring in rings:
            ring.append(ring)
        before = clock.seconds
        start = time.perf_counter()
        gc.collect()
        took = time.perf_counter() - start
        assert 0.5 * took <= clock.seconds - before <= took
    finally:
        clock.remove()
    after = clock.seconds
    gc.collect()
    assert clock.seconds == after


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no clocks of threads")
def test_the_thread_that_sends_output_has_a_clock() -> None:
    """It counts what that thread does, and not what others do."""
    go, done, over = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        go.wait()
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        done.set()
        over.wait()

    thread = threading.Thread(target=work)
    thread.start()
    clock = OutputClock(thread)
    sum(range(1_000_000))
    idle = clock.seconds
    go.set()
    done.wait()
    busy = clock.seconds
    over.set()
    thread.join()
    assert idle is not None
    assert busy is not None
    assert idle < 0.05 <= busy < 0.5


def test_where_no_thread_is_known_nothing_is_measured() -> None:
    """As in a console without one."""
    assert OutputClock(None).seconds is None


def test_a_finder_that_came_in_front_later_is_asked_once(imports: ImportClock) -> None:
    """Import hooks may have effects; being timed must not double them."""
    asked: list[str] = []

    class Hook(MetaPathFinder):
        def find_spec(self, fullname: str, *_: object) -> None:
            asked.append(fullname)

    hook = Hook()
    sys.meta_path.insert(0, hook)
    try:
        assert importlib.util.find_spec("a_module_that_is_not_there") is None
    finally:
        sys.meta_path.remove(hook)
    assert asked == ["a_module_that_is_not_there"]
