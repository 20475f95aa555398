"""What was measured of executions, held so that all of it is read at once."""

from __future__ import annotations

import json
from typing import NamedTuple

from ..records.execution import Execution
from .cells import to_json
from .database import Database

_ALL = "SELECT number, measured FROM executions"


class Measured(NamedTuple):
    """What was measured of an execution: spans in milliseconds, sizes in bytes; else None."""

    executing_ms: float | None
    importing_ms: float | None
    gc_ms: float | None
    output_ms: float | None
    cpu_ms: float | None
    peak_rss_bytes: int | None
    rss_bytes: int | None
    read_bytes: int | None
    write_bytes: int | None
    memory_limit_bytes: int | None
    cpu_limit: float | None


NOTHING = Measured._make([None] * len(Measured._fields))


def measured_cell(execution: Execution) -> str:
    """Return what the database holds of it."""
    timing, usage = execution.timing, execution.usage
    return to_json(
        Measured(
            execution.executing_ms,
            timing.importing_ms,
            timing.gc_ms,
            timing.output_ms,
            usage.cpu_ms,
            usage.peak_rss_bytes,
            usage.rss_bytes,
            usage.read_bytes,
            usage.write_bytes,
            usage.memory_limit_bytes,
            usage.cpu_limit,
        )
    )


def read_measured(database: Database) -> dict[int, Measured]:
    """Return what was measured of each execution, by number."""
    rows = database.rows(_ALL)
    # One document is read thrice as fast as one for each of 10,000.
    values = json.loads(f"[{','.join(text for _, text in rows)}]")
    return dict(zip((row[0] for row in rows), map(Measured._make, values), strict=True))
