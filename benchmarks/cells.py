"""Cells: what it costs a kernel to measure and remember each of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_session_export.kernel.cell_usage import UsageTeller
from jupyter_session_export.kernel.clocks import Clocks

from .bench import Bench
from .samples import median
from .table import Result, at_most

NAME = "cells"
CELLS = 5000
MOST_MICROSECONDS = 100.0
CODE = "total = sum(number ** 2 for number in range(10))\n" * 20

Send = Callable[..., Any]


def run(bench: Bench) -> Iterator[Result]:
    """Send the messages that begin and end a cell, with and without measuring it."""
    over = threading.Event()
    output = threading.Thread(target=over.wait)
    output.start()
    clocks = Clocks(output)
    clocks.install()
    try:
        send = UsageTeller(_nobody, clocks).send
        rounds = [(_seconds(send) - _seconds(_nobody)) / CELLS for _ in range(bench.rounds)]
    finally:
        clocks.remove()
        over.set()
        output.join()
    note = f"{CELLS:,} cells that do nothing; the fastest {1e6 * min(rounds):.0f} µs"
    bar = at_most(MOST_MICROSECONDS)
    yield Result(NAME, "processor time for each cell", 1e6 * median(rounds), "µs", bar, note)


def _seconds(send: Send) -> float:
    began = time.process_time()
    for number in range(CELLS):
        header = {"msg_id": str(number), "msg_type": "execute_request"}
        parent = {"header": header, "content": {"code": CODE}, "metadata": {}}
        send(None, "status", {"execution_state": "busy"}, parent=parent, ident=b"status")
        send(None, "execute_reply", {"status": "ok"}, parent, metadata={}, ident=b"")
        send(None, "status", {"execution_state": "idle"}, parent=parent, ident=b"status")
    return time.process_time() - began


def _nobody(*_: Any, **__: Any) -> None:
    """Send nothing."""
