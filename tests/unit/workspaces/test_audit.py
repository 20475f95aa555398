from __future__ import annotations

import json
import threading
from datetime import datetime, timezone
from pathlib import Path

from jupyter_session_export.records.activity import AUDIT, LogLine
from jupyter_session_export.workspaces.audit import AuditLog

AT = datetime(2026, 1, 1, tzinfo=timezone.utc)


def line(number: int) -> LogLine:
    return LogLine(AUDIT, AT, "0" * 32, "ada", "session.removed", None, {"number": number})


def numbers(log: AuditLog) -> list[int]:
    return [json.loads(text)["detail"]["number"] for text in log.path.read_text().splitlines()]


def test_lines_are_kept_privately(tmp_path: Path) -> None:
    """One JSON object a line, 0600."""
    log = AuditLog(tmp_path)
    log.append(line(1))
    log.append(line(2))
    assert numbers(log) == [1, 2]
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_the_log_is_bounded(tmp_path: Path) -> None:
    """The oldest lines go, the newest are whole."""
    log = AuditLog(tmp_path, most_bytes=2000)
    for number in range(200):
        log.append(line(number))
        assert log.path.stat().st_size <= 2000
    kept = numbers(log)
    assert kept == list(range(kept[0], 200))


def test_a_line_that_was_cut_off_spares_the_next(tmp_path: Path) -> None:
    """A crash costs its own line only."""
    log = AuditLog(tmp_path)
    log.append(line(1))
    with log.path.open("ab") as file:
        file.write(b'{"half')
    log.append(line(2))
    first, _, last = log.path.read_text().splitlines()
    assert json.loads(first)["detail"] == {"number": 1}
    assert json.loads(last)["detail"] == {"number": 2}


def test_many_may_write(tmp_path: Path) -> None:
    """No line is lost or mixed."""
    log = AuditLog(tmp_path, most_bytes=1 << 20)
    threads = [
        threading.Thread(target=lambda n=n: [AuditLog(tmp_path).append(line(n)) for _ in range(5)])
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers(log)) == sorted(list(range(6)) * 5)
