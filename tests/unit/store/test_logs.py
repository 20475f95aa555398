"""Logs have a size that they never pass."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise

from jupyter_session_export.records.activity import ACTIVITY, AUDIT, LogLine
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.logs import TRIMMED, Logs
from jupyter_session_export.store.record import Record

MOST = {ACTIVITY: 20_000, AUDIT: 4_000}


def line(n: int, at: datetime, log: str = ACTIVITY) -> LogLine:
    return LogLine(log, at + timedelta(seconds=n), "0" * 32, "ada", "file.save", f"{n}.txt")


def lines_of(catalog: Catalog, record: Record, log: str = ACTIVITY) -> list[LogLine]:
    record.commit()
    with catalog.read(record.session.id) as reader:
        return list(reader.log(log))  # type: ignore[arg-type]


def size(lines: list[LogLine]) -> int:
    return sum(len(json.dumps(line.to_json(), separators=(",", ":"))) + 1 for line in lines)


def test_the_oldest_lines_make_room(catalog: Catalog, record: Record, at: datetime) -> None:
    """The newest are there, in order, and a line tells how many went and up to when."""
    logs = Logs(record._database, MOST)
    for n in range(500):
        logs.append(line(n, at))
    kept = lines_of(catalog, record)
    assert size(kept) <= MOST[ACTIVITY]
    assert kept[-1].target == "499.txt"
    saved = [one for one in kept if one.action != TRIMMED]
    trims = [one for one in kept if one.action == TRIMMED]
    assert trims[-1].detail["until"] <= saved[0].to_json()["time"]
    assert all(a.time <= b.time for a, b in pairwise(kept))


def test_one_full_log_leaves_the_other_alone(
    catalog: Catalog, record: Record, at: datetime
) -> None:
    """A flood of saves takes nothing from what an audit asks for."""
    logs = Logs(record._database, MOST)
    logs.append(line(0, at, AUDIT))
    for n in range(500):
        logs.append(line(n, at))
    assert [one.target for one in lines_of(catalog, record, AUDIT)] == ["0.txt"]


def test_a_log_that_is_opened_again_knows_its_size(
    catalog: Catalog, record: Record, at: datetime
) -> None:
    """Also after a transaction was lost."""
    for n in range(100):
        Logs(record._database, MOST).append(line(n, at))
    record.commit()
    logs = Logs(record._database, MOST)
    for n in range(100, 200):
        logs.append(line(n, at))
    record._database.rows("ROLLBACK")
    for n in range(200, 300):
        logs.append(line(n, at))
    assert size(lines_of(catalog, record)) <= MOST[ACTIVITY]
