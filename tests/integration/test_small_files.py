"""Exports of very many small files, with a second process that packs some of them."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zipfile import ZipFile

import psutil
import pytest

from jupyter_session_export.archive.verify import verify
from tests.exporting import export, one_shot
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server

FILES = 4000
ATTEMPTS = 20
GLANCE_SECONDS = 0.002
WARNING = "Small files are packed by one processor only"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with a notebook among thousands of files."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        for number in range(FILES):
            file = server.root / f"{number // 500}" / f"{number}.txt"
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"line {number}\n" * (number % 200))
        with KernelSocket(server, server.start_kernel(path="notebook.ipynb")) as kernel:
            kernel.run("1")
        yield server


def _companions(server: RunningServer) -> list[psutil.Process]:
    assert server.process is not None
    found = []
    for child in psutil.Process(server.process.pid).children():
        with suppress(psutil.Error):
            if "archive.packer" in " ".join(child.cmdline()):
                found.append(child)
    return found


@contextmanager
def _watched(server: RunningServer, *, killed: bool) -> Iterator[set[int]]:
    """Look out for companions, and kill each that comes, if asked to."""
    seen: set[int] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(GLANCE_SECONDS):
            for companion in _companions(server):
                if killed and companion.pid not in seen:
                    with suppress(psutil.Error):
                        companion.kill()
                seen.add(companion.pid)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def _prepared(server: RunningServer) -> ZipFile:
    return export(server, include=["workspace"])


def _at_once(server: RunningServer) -> ZipFile:
    return one_shot(server, include="workspace")


@pytest.mark.parametrize("make", [_prepared, _at_once])
@pytest.mark.parametrize("killed", [False, True])
def test_small_files_are_packed_by_two_processes(
    server: RunningServer, make: Callable[[RunningServer], ZipFile], killed: bool
) -> None:
    """All are there, whole and in order, also where the second one is killed; none stays."""
    told = _warnings(server)
    with _watched(server, killed=killed) as seen:
        archives = [make(server)]
        # An export may be over before its companion is seen, or is killed.
        while len(archives) < ATTEMPTS and not (_warnings(server) - told if killed else seen):
            archives.append(make(server))
    assert seen
    assert (_warnings(server) > told) is killed
    assert not _companions(server)
    names = [str(path.relative_to(server.root)) for path in _files(server.root)]
    for archive in archives:
        packed = [name for name in archive.namelist() if name.startswith("workspace/")]
        assert packed == [f"workspace/{name}" for name in names]
        assert all(
            archive.read(f"workspace/{name}") == (server.root / name).read_bytes() for name in names
        )
        assert archive.fp is not None
        archive.fp.seek(0)
        assert verify(io.BytesIO(archive.fp.read())).ok


def _warnings(server: RunningServer) -> int:
    return server.log.read_text().count(WARNING)


def _files(root: Path) -> list[Path]:
    """Return the files of a folder as they are walked: in order, before those of its folders."""
    children = sorted(root.iterdir(), key=lambda path: path.name)
    below = [path for child in children if child.is_dir() for path in _files(child)]
    return [child for child in children if child.is_file()] + below
