"""Insights: what a long session's take an export, by the processor's clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone

from jupyter_session_export.exports.insights import session_insights
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, ExecutionKey, Kernel, Status
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

from .bench import Bench
from .samples import median
from .table import Result, at_most

NAME = "insights"
EXECUTIONS = 10_000
SOURCES = 1000
CELLS = 500
MOST_MS = 100.0
AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
SECONDS = 0.5
CODE = """import numpy as np
df{n} = load(df{before}, key='a')
for x in range(10):
    y = np.sum(df{n}[x] + x)
print(y, df{n}.mean())
"""


def run(bench: Bench) -> Iterator[Result]:
    """Record many executions of many sources, then ask for insights again and again."""
    catalog = Catalog(bench.folder(NAME) / "data")
    executions = bench.scaled(EXECUTIONS, least=100)
    with closing(catalog.open(SessionKey("bench", ""))) as record:
        _fill(record, executions)
    present = (AT + timedelta(seconds=executions)).timestamp()
    times = []
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        for _ in range(bench.rounds):
            began = time.process_time()
            session_insights(reader, plan, present)
            times.append((time.process_time() - began) * 1000)
    note = f"{executions:,} executions of {SOURCES:,} sources; the fastest {min(times):.0f} ms"
    yield Result(NAME, "processor time", median(times), "ms", at_most(MOST_MS), note)


def _fill(record: Record, executions: int) -> None:
    kernel = Kernel("k1", "python3", "python", ".py")
    for number in range(executions):
        at = AT + timedelta(seconds=number)
        source = CODE.format(n=number % SOURCES, before=number % SOURCES - 1)
        contents = {"source.py": source, "stdout.txt": f"{number % 50}\n", "outputs.json": "[]"}
        execution = Execution(
            key=ExecutionKey(kernel.id, 1, f"m{number}"),
            number=number + 1,
            session_id=record.session.id,
            user_id="bench",
            kernel=kernel,
            status=Status.OK,
            notebook="a.ipynb",
            cell_id=f"c{number % CELLS}",
            submitted_at=at,
            started_at=at,
            finished_at=at + timedelta(seconds=SECONDS),
        )
        members = [
            Member(name, record.blobs.put(text.encode()), at) for name, text in contents.items()
        ]
        record.write(execution, members, source_head=source)
    record.commit()
