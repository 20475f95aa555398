"""What was measured of executions, read for all of them at once."""

from __future__ import annotations

from typing import NamedTuple


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


MEASURED = """SELECT execution, json_extract(json,
    '$.timing_ms.executing', '$.timing_ms.importing', '$.timing_ms.gc', '$.timing_ms.output',
    '$.resources.cpu_ms', '$.resources.peak_rss_bytes', '$.resources.rss_bytes',
    '$.resources.read_bytes', '$.resources.write_bytes',
    '$.resources.memory_limit_bytes', '$.resources.cpu_limit') FROM details"""
"""Each row's text is an array of what `Measured` holds."""
NOTHING = Measured._make([None] * len(Measured._fields))
