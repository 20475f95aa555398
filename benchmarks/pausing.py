"""Pausing a session: frozen in memory, and suspended to disk and back, for each GiB.

Half of it are arrays, half frames. What a fresh kernel and the imports take besides is measured
by itself and taken off the resume.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from jupyter_session_export.sessions.hosting import Hosting
from jupyter_session_export.sessions.local.backend import LocalBackend
from jupyter_session_export.sessions.session import Host, Session
from jupyter_session_export.settings import SessionExport

from .bench import Bench
from .samples import median
from .table import Result, at_most

NAME = "pausing"
GIB = 2**30
FREEZE_MS = 5.0
SUSPEND_SECONDS, RESUME_SECONDS = 4.0, 1.0
TIMES = 50
IMPORTS = "import numpy as np, pandas as pd"
FILL = """
rng = np.random.default_rng(1)
arrays = [rng.random({rows}) for _ in range(8)]
frame = pd.DataFrame({{str(n): rng.random({rows}) for n in range(8)}})
"""


def run(bench: Bench) -> Iterator[Result]:
    """Freeze and thaw many times; suspend and resume a few."""
    size = bench.scaled(GIB, least=16 * 2**20)
    settings = SessionExport(data_dir=str(bench.folder(NAME) / "session_export"))
    with Host(Hosting(LocalBackend, settings)) as host, host.create(lifetime=0) as session:
        session.run(IMPORTS).require_success()
        times = [(_timed(session.pause), _timed(session.resume)) for _ in range(TIMES)]
        for name, column in zip(("freeze", "thaw"), zip(*times, strict=True), strict=True):
            yield Result(NAME, name, median(list(column)) * 1000, "ms", at_most(FREEZE_MS))
        _, bare = _cycles(session, bench.slow_rounds)
        session.run(FILL.format(rows=size // 16 // 8)).require_success()
        suspend, resume = _cycles(session, bench.slow_rounds)
        session.run("assert frame.shape[1] == len(arrays) == 8").require_success()
    note = f"{size / GIB:.2f} GiB; a fresh kernel with its imports takes {bare:.1f} s"
    gib = size / GIB
    yield Result(NAME, "suspend", suspend / gib, "s/GiB", at_most(SUSPEND_SECONDS), note)
    beyond = (resume - bare) / gib
    yield Result(NAME, "resume", beyond, "s/GiB", at_most(RESUME_SECONDS), "beyond that")


def _cycles(session: Session, rounds: int) -> tuple[float, float]:
    """Return how long a session takes to be suspended, and to be resumed."""
    times = []
    for _ in range(rounds):
        # What an earlier one has written needs not be on the disk yet.
        os.sync()
        times.append((_timed(lambda: session.pause("suspend")), _timed(session.resume)))
    return median([each[0] for each in times]), median([each[1] for each in times])


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
