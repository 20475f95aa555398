"""Executions of a kernel that has never been."""

from __future__ import annotations

from typing import Any

from jupyter_session_export.insights.timeline import Run
from jupyter_session_export.kernel.history import Ended, History
from jupyter_session_export.records.timing import CellTiming
from jupyter_session_export.records.usage import Told

MB = 1_000_000


def ended(number: int, *, order: int | None = None, code: str = "1", **news: Any) -> Ended:
    """Return an execution that began `10 * number` seconds after the start and took a second."""
    used = Told(cpu_ms=news.pop("cpu_ms", 500.0), rss_bytes=100 * MB, peak_rss_bytes=120 * MB)
    fields: dict[str, Any] = {
        "order": number if order is None else order,
        "msg_id": f"m{number}",
        "number": number,
        "head": code,
        "source": hash(code),
        "cell": f"c{number}",
        "began": 10.0 * number,
        "seconds": 1.0,
        "status": "ok",
        "error": None,
        "execution_count": number,
        "used": used,
        "timing": CellTiming(executing_ms=1000.0, importing_ms=0.0),
    }
    return Ended(**(fields | news))


def run(number: int, **news: Any) -> Run:
    """Return a run that began `10 * number` seconds after the epoch and took a second."""
    began = 10.0 * number
    fields: dict[str, Any] = {
        "number": number,
        "kernel": "k.1",
        "cell": f"c{number}",
        "head": f"cell_{number}()",
        "started": began,
        "finished": began + 1,
        "seconds": 1.0,
    }
    return Run(**(fields | news))


class FakeHistory(History):
    """One that is told what to remember."""

    def __init__(self, *executions: Ended) -> None:
        super().__init__()
        self.epoch = 1_000_000.0
        self.add(*executions)

    def add(self, *executions: Ended) -> None:
        self._ended.extend(executions)
        self._count += len(executions)
