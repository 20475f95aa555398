"""What was measured of executions, held so that all of it is read at once.

A plan has the rows as they are, since most of its readers never look at them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..records.execution import Execution
from .cells import to_json
from .database import Database, Row

BATCH = 250
Times = tuple[int | None, int | None, int | None]
"""When it was submitted, started and finished, in microseconds since the epoch."""
_ALL = """SELECT number, submitted_at, started_at, finished_at, measured FROM executions
    ORDER BY number"""


class Measured(NamedTuple):
    """What was measured of an execution: spans in milliseconds, sizes in bytes; else None."""

    executing_ms: float | None
    importing_ms: float | None
    gc_ms: float | None
    output_ms: float | None
    delayed_ms: float | None
    cpu_ms: float | None
    peak_rss_bytes: int | None
    rss_bytes: int | None
    read_bytes: int | None
    write_bytes: int | None
    memory_limit_bytes: int | None
    cpu_limit: float | None


def measured_cell(execution: Execution) -> str:
    """Return what the database holds of it."""
    timing, usage = execution.timing, execution.usage
    return to_json(
        Measured(
            execution.executing_ms,
            timing.importing_ms,
            timing.gc_ms,
            timing.output_ms,
            timing.delayed_ms,
            usage.cpu_ms,
            usage.peak_rss_bytes,
            usage.rss_bytes,
            usage.read_bytes,
            usage.write_bytes,
            usage.memory_limit_bytes,
            usage.cpu_limit,
        )
    )


def read_measured(database: Database) -> list[Row]:
    """Return what `measurements` is made of, by the executions' numbers."""
    return database.rows(_ALL)


def measurements(rows: Sequence[Row]) -> Iterator[tuple[int, Times, Measured]]:
    """Yield number, times and what was measured of each execution."""
    for at in range(0, len(rows), BATCH):
        batch = rows[at : at + BATCH]
        # One document is read thrice as fast as one for each, and many at once would be held
        # long enough for the garbage collector to look at them.
        values = json.loads(f"[{','.join(row[4] for row in batch)}]")
        for row, each in zip(batch, values, strict=True):
            yield row[0], row[1:4], Measured._make(each)
