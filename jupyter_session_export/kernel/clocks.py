"""The clocks of a kernel, read when an execution begins and when it ends."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from ..records.timing import CellTiming
from .collection_clock import CollectionClock
from .delay_clock import DelayClock
from .import_clock import ImportClock
from .output_clock import OutputClock


class Readings(NamedTuple):
    """Seconds, all of them only ever counting up."""

    clock: float
    importing: float
    collecting: float
    output: float | None
    delayed: float | None = None


class Clocks:
    """To be made in the thread that runs cells; `output` is the thread that sends output."""

    def __init__(self, output: threading.Thread | None) -> None:
        self._imports = ImportClock()
        self._collections = CollectionClock()
        self._output = OutputClock(output)
        self._delays = DelayClock()

    def install(self) -> None:
        self._imports.install()
        self._collections.install()

    def remove(self) -> None:
        self._imports.remove()
        self._collections.remove()
        self._delays.close()

    def read(self) -> Readings:
        return Readings(
            time.perf_counter(),
            self._imports.seconds,
            self._collections.seconds,
            self._output.seconds,
            self._delays.seconds,
        )


def timing_between(begin: Readings, end: Readings) -> CellTiming:
    """Return the timing of an execution that ran from one reading to the other."""
    return CellTiming(
        executing_ms=_milliseconds(begin.clock, end.clock),
        importing_ms=_milliseconds(begin.importing, end.importing),
        gc_ms=_milliseconds(begin.collecting, end.collecting),
        output_ms=_known(begin.output, end.output),
        delayed_ms=_known(begin.delayed, end.delayed),
    )


def _known(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None else _milliseconds(begin, end)


def _milliseconds(begin: float, end: float) -> float:
    return round(max(0.0, end - begin) * 1000, 3)
