"""Live sessions: a warm run against a bare client, reuse, files, many at once."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from jupyter_client.blocking.client import BlockingKernelClient

from jupyter_session_export.sessions.hosting import Hosting
from jupyter_session_export.sessions.local.backend import LocalBackend
from jupyter_session_export.sessions.session import Host, Session
from jupyter_session_export.settings import SessionExport

from .bench import Bench
from .samples import median
from .table import Result, at_least, at_most

NAME = "live"
RUNS = 200
MANY = 50
FILES = {f"file_{number}.bin": os.urandom(100_000) for number in range(10)}
MOST_OF_BARE, LEAST_REUSE = 1.3, 20.0
MOST_FILES_MS, MOST_LIST_MS, MOST_MIB = 10.0, 20.0, 50.0


def run(bench: Bench) -> Iterator[Result]:
    """Run sessions of local kernels, recorded as ever."""
    with host_of(bench) as host:
        yield from _runs(bench, host)
        yield from _many(bench, host)


@contextmanager
def host_of(bench: Bench) -> Iterator[Host]:
    """Host sessions that are recorded below the scratch folder."""
    settings = SessionExport(data_dir=str(bench.folder("live")), max_live_sessions=MANY + 1)
    with Host(Hosting(LocalBackend, settings)) as host:
        yield host


def _runs(bench: Bench, host: Host) -> Iterator[Result]:
    cold = median([_seconds(lambda: host.run("1")) for _ in range(bench.slow_rounds)])
    with host.create() as session:
        client = session.kernel_client()
        warm, bare = _in_turn(session, client)
        client.stop_channels()
        note = f"{1000 * warm:.2f} ms against {1000 * bare:.2f} ms, medians of {RUNS} in turn"
        yield Result(
            NAME,
            "a warm run, bare round trips",
            warm / bare,
            "",
            at_most(MOST_OF_BARE),
            note,
        )
        note = f"{cold:.2f} s for a session of its own"
        yield Result(
            NAME, "reuse, times as fast as a start", cold / warm, "", at_least(LEAST_REUSE), note
        )
        packages = (str(_wheel(bench.folder(NAME))), "--no-index")
        session.run("1", files=FILES, packages=packages)
        without, with_both = _with_both(session, packages)
        more = 1000 * (with_both - without)
        note = f"{len(FILES)} files of 100 KB, and a package, that are there already"
        yield Result(NAME, "a second run with both", more, "ms", at_most(MOST_FILES_MS), note)


def _in_turn(session: Session, client: BlockingKernelClient) -> tuple[float, float]:
    """Time both ways alternately, so that what else the machine does meets both."""
    warm, bare = [], []
    for _ in range(RUNS):
        warm.append(_seconds(lambda: session.run("1")))
        bare.append(_seconds(lambda: client.execute_interactive("1", output_hook=_nobody)))
    return median(warm), median(bare)


def _with_both(session: Session, packages: tuple[str, ...]) -> tuple[float, float]:
    without, with_both = [], []
    for _ in range(RUNS // 4):
        without.append(_seconds(lambda: session.run("1")))
        with_both.append(_seconds(lambda: session.run("1", files=FILES, packages=packages)))
    return median(without), median(with_both)


def _wheel(folder: Path) -> Path:
    """Make a package that needs no network."""
    path, info = folder / "nothing-1.0-py3-none-any.whl", "nothing-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("nothing.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: nothing\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def _many(bench: Bench, host: Host) -> Iterator[Result]:
    count = bench.scaled(MANY, least=2)
    before = psutil.Process().memory_info().rss
    sessions = [host.create() for _ in range(count)]
    for session in sessions:
        session.run("1")
    grown = (psutil.Process().memory_info().rss - before) / 2**20 / count * MANY
    note = f"measured with {count}"
    yield Result(NAME, f"memory for {MANY} sessions", grown, "MiB", at_most(MOST_MIB), note)
    listing = median([_seconds(host.list) for _ in range(RUNS)])
    yield Result(NAME, "list", 1000 * listing, "ms", at_most(MOST_LIST_MS), f"of {count}")
    for session in sessions:
        session.close()


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _nobody(_: object) -> None:
    """Take a message that nobody reads."""
