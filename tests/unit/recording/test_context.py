"""The context by which kernels are heard."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import zmq

from jupyter_session_export.recording.context import LEAST, listening_context


def zeromq_threads() -> set[int]:
    """Return the ids of this process's threads that are ZeroMQ's own."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # another one has just ended
            if (task / "comm").read_text().startswith("ZMQ"):
                found.add(int(task.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of threads")
def test_its_threads_give_way_and_nobody_else() -> None:
    """They have the lowest priority; who asks for the context keeps the own one."""
    before, own = zeromq_threads(), os.getpriority(os.PRIO_PROCESS, 0)
    context = listening_context()
    threads = zeromq_threads() - before
    assert threads
    assert {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads} == {LEAST}
    assert os.getpriority(os.PRIO_PROCESS, 0) == own
    context.term()


def test_where_priorities_are_forbidden_it_hears_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sandbox may refuse."""

    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    context = listening_context()
    with context.socket(zmq.PULL) as ear, context.socket(zmq.PUSH) as mouth:
        ear.bind("inproc://ear")
        mouth.connect("inproc://ear")
        mouth.send(b"heard")
        assert ear.recv() == b"heard"
    context.term()
