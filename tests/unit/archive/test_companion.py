"""The second interpreter that packs very small files."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_session_export.archive import companion as module
from jupyter_session_export.archive import program
from jupyter_session_export.archive.companion import MOST_WAITING, STARTS_AT, Companion
from jupyter_session_export.archive.entries import LedgerLine
from jupyter_session_export.archive.packer import Row
from jupyter_session_export.archive.packing import Batch, Item, pack_all
from jupyter_session_export.archive.program import Program
from jupyter_session_export.content.deflating import FAST, deflating
from tests.unit.archive.samples import MemoryStore, on_disk, recorded

WITHIN = 20.0
WARNING = "Small files are packed by one processor only"


@pytest.fixture
def batch(tmp_path: Path) -> list[Item]:
    """Some files, one of which is not there, and a line between them."""
    for number in range(5):
        (tmp_path / f"{number}").write_bytes(b"%d\n" % number * 300)
    files: list[Item] = [on_disk(f"{number}", tmp_path / f"{number}") for number in range(6)]
    return [*files[:3], LedgerLine("hidden", "h", "skipped", "hidden", 0, None), *files[3:]]


@pytest.fixture
def companion(monkeypatch: pytest.MonkeyPatch) -> Iterator[Companion]:
    """One that starts with the next batch that it is offered."""
    monkeypatch.setattr(module, "_processors", lambda: 2)
    companion = Companion(FAST, MemoryStore())
    for _ in range(STARTS_AT - 1):
        assert companion.offer([]) is None
    try:
        yield companion
    finally:
        companion.close()
        assert not _programs()


def _programs() -> list[psutil.Process]:
    """Return the companions of this process."""
    found = []
    for child in psutil.Process().children():
        # One that is gone has no command line.
        with suppress(psutil.Error):
            if "archive.packer" in " ".join(child.cmdline()):
                found.append(child)
    return found


def _under_way(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return what is set when a reply is waited for."""
    waiting = threading.Event()
    reply = Program.reply

    def noted(self: Program, path: str) -> list[Row]:
        waiting.set()
        return reply(self, path)

    monkeypatch.setattr(Program, "reply", noted)
    return waiting


def _taken(companion: Companion, batch: list[Item]) -> Future[Batch]:
    future = companion.offer(batch)
    assert future is not None
    return future


def _here(batch: list[Item]) -> Batch:
    return pack_all(batch, {}, deflating(FAST))


def test_it_packs_as_this_interpreter_does(companion: Companion, batch: list[Item]) -> None:
    """The same bytes and the same words, in the order of the batches; a Ctrl-C is not for it."""
    for some in (batch, batch[::-1], batch[:1]):
        assert _taken(companion, some).result(WITHIN) == _here(some)
        (process,) = _programs()
        process.send_signal(signal.SIGINT)


def test_it_takes_no_more_than_it_can_do_soon(companion: Companion, batch: list[Item]) -> None:
    """What waits for it is bounded; all of what was taken comes."""
    futures = [companion.offer(batch) for _ in range(100)]
    taken = [future for future in futures if future]
    assert MOST_WAITING <= len(taken) < 100
    assert [future.result(WITHIN) for future in taken] == [_here(batch)] * len(taken)


def test_it_is_for_files_only(companion: Companion, batch: list[Item]) -> None:
    """What is recorded is had from the record, where that is open."""
    store = MemoryStore()
    assert companion.offer([*batch, recorded("r", store.put(b"recorded"))]) is None
    assert not _programs()


@pytest.mark.parametrize("processors", [1, 2])
def test_a_few_files_or_one_processor_need_none(
    monkeypatch: pytest.MonkeyPatch, batch: list[Item], processors: int
) -> None:
    """To start it takes as long as some batches do."""
    monkeypatch.setattr(module, "_processors", lambda: processors)
    companion = Companion(FAST, MemoryStore())
    taken = [companion.offer(batch) for _ in range(STARTS_AT)]
    companion.close()
    assert [future is not None for future in taken] == [False] * (STARTS_AT - 1) + [processors > 1]


def test_when_it_dies_the_rest_is_packed_here(
    companion: Companion, batch: list[Item], caplog: pytest.LogCaptureFixture
) -> None:
    """What it had taken comes all the same, it takes no more, and one line tells of it."""
    assert _taken(companion, batch).result(WITHIN) == _here(batch)
    (process,) = _programs()
    process.suspend()
    futures = [_taken(companion, batch) for _ in range(2)]
    process.kill()
    assert [future.result(WITHIN) for future in futures] == [_here(batch)] * 2
    assert companion.offer(batch) is None
    (message,) = caplog.messages
    assert WARNING in message
    assert "exit code -9" in message


def test_one_that_does_not_answer_is_not_waited_for(
    companion: Companion,
    batch: list[Item],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever waits for a batch ends it when it has taken far too long."""
    assert _taken(companion, batch).result(WITHIN) == _here(batch)
    (process,) = _programs()
    process.suspend()
    waiting = _under_way(companion, monkeypatch)
    future = _taken(companion, batch)
    assert waiting.wait(WITHIN)
    companion.look()
    assert process.is_running()
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.0)
    companion.look()
    assert future.result(WITHIN) == _here(batch)
    assert [WARNING in message for message in caplog.messages] == [True]


@pytest.mark.parametrize(
    "does",
    [
        "print('Welcome to this machine! ' * 100, flush=True); sys.stdin.read()",
        "sys.exit('no such version')",
        "sys.stdin.read()",
    ],
)
def test_another_program_in_its_place_is_done_without(
    companion: Companion,
    batch: list[Item],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    does: str,
) -> None:
    """One that says something else, ends at once, or says nothing at all; it does not go on."""
    started: list[subprocess.Popen[bytes]] = []
    popen = program.subprocess.Popen

    def noted(*args: Any, **options: Any) -> Any:
        started.append(popen(*args, **options))
        return started[0]

    monkeypatch.setattr(program.subprocess, "Popen", noted)
    command = [sys.executable, "-c", f"import sys; {does}"]
    monkeypatch.setattr(program, "command", lambda *_: command)
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.5)
    future = _taken(companion, batch)
    deadline = time.monotonic() + WITHIN
    while not future.done() and time.monotonic() < deadline:
        companion.look()
        time.sleep(0.01)
    assert future.result(0) == _here(batch)
    assert companion.offer(batch) is None
    assert started[0].wait(WITHIN) == (1 if "exit" in does else -9)
    (message,) = caplog.messages
    assert WARNING in message
    assert ("no such version" in message) is ("exit" in does)


def test_a_reply_that_does_not_fit_is_done_without(
    companion: Companion,
    batch: list[Item],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Such as of a package that was updated while this interpreter runs."""
    monkeypatch.setattr(Program, "reply", lambda *_: [("of", "another", "version")])
    assert _taken(companion, batch).result(WITHIN) == _here(batch)
    assert [WARNING in message for message in caplog.messages] == [True]


def test_where_it_does_not_start_all_is_packed_here(
    companion: Companion,
    batch: list[Item],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A sandbox may forbid another process."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert _taken(companion, batch).result(WITHIN) == _here(batch)
    assert companion.offer(batch) is None
    assert [WARNING in message for message in caplog.messages] == [True]


@pytest.mark.parametrize(("name", "value"), [("executable", ""), ("frozen", True)])
def test_without_an_interpreter_none_is_started(
    batch: list[Item], monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    """An embedded interpreter has no program of its own, a frozen one's is the program itself."""
    monkeypatch.setattr(module, "_processors", lambda: 2)
    monkeypatch.setattr(sys, name, value, raising=False)
    companion = Companion(FAST, MemoryStore())
    assert [companion.offer(batch) for _ in range(2 * STARTS_AT)] == [None] * 2 * STARTS_AT


def test_its_end_is_no_fault(
    companion: Companion,
    batch: list[Item],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Who ends it while it is at work does so at once and gets no warning; nothing stays."""
    before = threading.active_count()
    _taken(companion, batch).result(WITHIN)
    (process,) = _programs()
    process.suspend()
    waiting = _under_way(companion, monkeypatch)
    futures = [_taken(companion, batch) for _ in range(MOST_WAITING)]
    assert waiting.wait(WITHIN)
    companion.close()
    companion.close()
    process.wait(WITHIN)
    assert threading.active_count() <= before
    assert not any(future.done() for future in futures[1:])
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


def test_one_that_is_ended_while_it_starts_does_not_stay(
    companion: Companion, batch: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that starts it may be slower than who ends it, and the program may not answer."""
    starting, stopped = threading.Event(), threading.Event()
    monkeypatch.setattr(
        program, "command", lambda *_: [sys.executable, "-c", "import sys; sys.stdin.read()"]
    )
    popen = program.subprocess.Popen
    started: list[subprocess.Popen[bytes]] = []

    def slow(*args: Any, **options: Any) -> Any:
        starting.set()
        assert stopped.wait(WITHIN)
        started.append(popen(*args, **options))
        return started[0]

    monkeypatch.setattr(program.subprocess, "Popen", slow)
    _taken(companion, batch)
    assert starting.wait(WITHIN)
    companion.stop()
    stopped.set()
    companion.close()
    assert started[0].wait(WITHIN) == -9
