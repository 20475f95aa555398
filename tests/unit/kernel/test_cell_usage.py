"""What a kernel tells of its executions, in messages that go to nobody."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.session import Session

from jupyter_session_export.kernel.cell_usage import UsageTeller, tell_usage
from jupyter_session_export.kernel.clocks import Clocks
from jupyter_session_export.records.timing import CellTiming
from jupyter_session_export.records.usage import METADATA, Told

MIB = 2**20
RUN = """
import subprocess, sys
from tests.unit.kernel.test_cell_usage import Sent
sent = Sent()
def run(code):
    told = sent.run(lambda: exec(code, {}))
    print(told.cpu_ms, told.peak_rss_bytes, told.read_bytes, told.write_bytes)
"""


class Sent:
    """What a teller has sent on."""

    def __init__(self) -> None:
        self.messages: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.teller = UsageTeller(
            lambda *args, **options: self.messages.append((args, options)), Clocks(None)
        )

    def status(self, state: str, msg_id: str = "a", msg_type: str = "execute_request") -> None:
        parent = {"header": {"msg_id": msg_id, "msg_type": msg_type}}
        content = {"execution_state": state}
        self.teller.send(None, "status", content, parent=parent, ident=b"topic")

    def run(self, work: Any) -> Told:
        """Do some work in an execution and return what is told of it."""
        self.status("busy")
        work()
        self.status("idle")
        told = Told.by(self.messages[-1][1]["metadata"])
        assert told is not None
        return told


def in_a_new_process(code: str) -> list[list[float]]:
    """Run code after `RUN`; return what it printed, line by line."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN + code], capture_output=True, text=True, check=True, timeout=60
    )
    return [[float(word) for word in line.split()] for line in ran.stdout.splitlines()]


def test_an_execution_ends_with_what_it_used() -> None:
    """CPU time of the process and of children that it has waited for, and memory."""
    calm, busy, child = in_a_new_process(
        "run('')\n"
        "run('import time; t = time.process_time()\\nwhile time.process_time() < t + .2: pass')\n"
        "run('import subprocess, sys; subprocess.run([sys.executable, \"-c\", '\n"
        "    '\"import time\\\\nwhile time.process_time() < .2: pass\"])')\n"
    )
    assert calm[0] < 100
    assert busy[0] > 190
    assert child[0] > 190
    assert all(each[1] > MIB for each in (calm, busy, child))


def test_memory_that_was_given_back_is_told_of() -> None:
    """The peak is that of the execution that reached it, and of no later one."""
    before, large, after = in_a_new_process(
        f"run('')\nrun('x = bytearray({100 * MIB}); x[::4096] = x[::4096]; del x')\nrun('')\n"
    )
    assert before[1] + 90 * MIB < large[1]
    assert after[1] < large[1] - 90 * MIB


def test_the_peak_of_who_started_the_process_is_not_its_own() -> None:
    """A kernel of a large server is small: getrusage(2) would say otherwise."""
    with mmap.mmap(-1, 200 * MIB) as large:
        large[::4096] = b"x" * (200 * MIB // 4096)
        ((_, peak, *_),) = in_a_new_process("run('')")
    assert peak < 150 * MIB


def test_what_goes_to_disk_is_told_of() -> None:
    """Bytes that were written, not those that stayed in memory."""
    ((_, _, _, written),) = in_a_new_process(
        'run(\'import os, tempfile\\nwith tempfile.NamedTemporaryFile(dir=".") as f:\\n'
        f" f.write(bytes({MIB})); f.flush(); os.fsync(f.fileno())')\n"
    )
    assert written % 512 == 0


def test_other_messages_are_what_they_were() -> None:
    """Only an execution's idle has figures; whatever else is sent goes on untouched."""
    sent = Sent()
    sent.status("busy", msg_type="kernel_info_request")
    sent.status("idle", msg_type="kernel_info_request")
    sent.status("idle", "never begun")
    sent.status("busy")
    sent.teller.send(None, "stream", {"text": "x"}, parent={}, metadata={"mine": 1})
    sent.teller.send(None, {"msg_type": "status"}, ident=b"x")
    sent.teller.send(None, "status", {"execution_state": "starting"}, None)
    sent.teller.send(None, "status", content={"execution_state": "idle"})
    assert not any(METADATA in (options.get("metadata") or {}) for _, options in sent.messages)
    assert sent.messages[-4] == (
        (None, "stream", {"text": "x"}),
        {"parent": {}, "metadata": {"mine": 1}},
    )
    assert len(sent.messages) == 8


def test_who_passes_the_parent_by_position_is_told_too() -> None:
    """Others wrap the same method."""
    sent = Sent()
    parent = {"header": {"msg_id": "a", "msg_type": "execute_request"}}
    for state in ("busy", "idle"):
        sent.teller.send(None, "status", {"execution_state": state}, parent, ident=b"topic")
    assert METADATA in sent.messages[-1][1]["metadata"]


def test_executions_of_subshells_overlap() -> None:
    """Each is measured by its own begin and end."""
    sent = Sent()
    for state, msg_id in (("busy", "a"), ("busy", "b"), ("idle", "a"), ("idle", "b")):
        sent.status(state, msg_id)
    assert [METADATA in options.get("metadata", {}) for _, options in sent.messages] == [
        False,
        False,
        True,
        True,
    ]


def test_a_session_tells_once() -> None:
    """Loading the extension again measures nothing twice."""
    session = Session()
    clocks, others = Clocks(None), Clocks(None)
    before = len(sys.meta_path)
    tell_usage(session, clocks)
    once = session.send
    tell_usage(session, others)
    try:
        assert session.send is once
        assert len(sys.meta_path) == before + 1
    finally:
        clocks.remove()


def test_what_is_told_by_other_code_is_judged() -> None:
    """A kernel's code may write any metadata."""
    for rubbish in (None, 3, "x", {}, {"cpu_ms": "1"}, {"cpu_ms": -1}, {"cpu_ms": float("nan")}):
        assert Told.by({METADATA: rubbish}) is None
    told = Told.by({METADATA: {"cpu_ms": 1, "peak_rss_bytes": True, "read_bytes": 2**60}})
    assert told == Told(cpu_ms=1.0)


def test_the_memory_of_a_fork_is_its_own() -> None:
    """A forked process doesn't read its parent's figures."""
    sent = Sent()
    sent.run(lambda: None)
    memory = sent.teller._memory
    before = memory._pid
    assert before == os.getpid()
    memory._pid = -1
    assert memory.look() is not None
    assert memory._pid == os.getpid()


def test_timing_goes_with_the_figures() -> None:
    """By the kernel's own clocks, and nothing for what has none."""
    sent = Sent()
    sent.run(lambda: time.sleep(0.05))
    timing = CellTiming.by(sent.messages[-1][1]["metadata"])
    assert timing is not None
    assert timing.executing_ms is not None
    assert 50 <= timing.executing_ms < 1000
    assert (timing.importing_ms, timing.output_ms) == (0.0, None)


@pytest.mark.parametrize("told", ["Name:\tpython\nVmRSS:\t 12 kB\n", "", "VmRSS:\nVmHWM:\n"])
def test_a_system_that_tells_less_of_memory_fails_no_message(told: str, tmp_path: Path) -> None:
    """gVisor has no maximum in /proc; without its busy message a kernel would run nothing."""
    sent = Sent()
    memory = sent.teller._memory
    status = tmp_path / "status"
    status.write_text(told)
    memory._pid, memory._file = os.getpid(), os.open(status, os.O_RDONLY)
    used = sent.run(lambda: None)
    os.close(memory._file)
    assert memory.look() is None
    assert used.cpu_ms is not None


def test_a_cell_that_closes_foreign_files_fails_no_message() -> None:
    """The figures of memory go then, not the kernel's messages."""
    sent = Sent()
    told = sent.run(lambda: os.close(sent.teller._memory._file))
    assert told.cpu_ms is not None
    assert sent.teller._memory.look() is None
