"""`log_reading` and `register_device`, for Python code that runs in a kernel."""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..client.access import Access
from ..errors import InvalidRequest, NoRecordingServer
from ..workspaces.instants import NoTime, micros_of
from ..workspaces.spool import FOLDER
from ..workspaces.values import canonical
from .own import own_recorder
from .reading_log import ReadingLog

_PLAIN = frozenset({float, int, bool, str, type(None)})
_lock = threading.Lock()
_opened: ReadingLog | None = None


def log_reading(
    sensor: str,
    value: Any,
    unit: str | None = None,
    device: str | None = None,
    at: datetime | float | str | None = None,
) -> None:
    """Keep a value that a sensor gave; it is on disk within a second, or at the cell's end.

    `value` is a number, text, truth value, None, or what JSON can hold; NumPy's are taken too.
    `at` is when, by default now: a datetime (a naive one is the kernel's local time), seconds
    since the epoch, or ISO 8601 text (without an offset it is UTC). Raises NoRecordingServer
    where there is no session to keep it in, as in kernels behind a gateway; InvalidRequest; and
    StoreUnavailable where the disk has been full for long.
    """
    log = _opened or _open()
    if type(value) not in _PLAIN:
        value = _taken(value)
    log.add(
        (
            time.time_ns(),
            sensor if type(sensor) is str and sensor else _name(sensor, "sensor"),
            value,
            unit if unit is None or type(unit) is str else str(unit),
            device if device is None or type(device) is str else str(device),
            None if at is None else _instant(at),
        )
    )


def register_device(device: str, /, **facts: Any) -> None:
    """Say what a device is: `register_device("cam1", name="Door", model="C32", location="lab")`.

    The facts are yours to name; JSON has to hold them. What is said last counts. Raises as
    `log_reading`.
    """
    log = _opened or _open()
    log.add_device(_name(device, "device"), {name: _taken(each) for name, each in facts.items()})


def flush_readings() -> None:
    """Write what is still held, before an export is asked for. Raises StoreUnavailable."""
    if _opened is not None:
        _opened.flush()


def _open() -> ReadingLog:
    global _opened  # noqa: PLW0603  # one log for each process
    with _lock:
        if _opened is None:
            _opened = ReadingLog(_folder())
            atexit.register(_opened.close)
            _close_with_worker(_opened)
            _flush_after_cells(_opened)
        return _opened


def _folder() -> Path:
    own = own_recorder()
    try:
        files = Access.of_kernel().files if own is None else own.files
    except NoRecordingServer as error:
        raise _refusal() from error
    if not files:
        raise _refusal()
    return Path(files).parent / FOLDER


def _refusal() -> NoRecordingServer:
    return NoRecordingServer(
        "Readings can't be kept: this kernel was given no session to keep them in.",
        "Its server has to have jupyter_session_export; kernels behind a gateway run elsewhere "
        "and can't reach the session's folder.",
    )


def _flush_after_cells(log: ReadingLog) -> None:
    """Have a cell's readings on disk when the cell is over, if cells are what runs here."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        shell.events.register("post_run_cell", log.flush_quietly)


def _close_with_worker(log: ReadingLog) -> None:
    """Have a worker of multiprocessing write what it holds: it ends without atexit."""
    module = sys.modules.get("multiprocessing.util")
    if module is not None:
        module.Finalize(None, log.close, exitpriority=0)


def _forget() -> None:
    """A forked process has no thread that writes; what is held is its parent's to write."""
    global _opened, _lock  # as in `_open`; the lock may have been held
    _opened, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _taken(value: Any) -> Any:
    """Return what JSON has for a value, as it is now. Raises InvalidRequest."""
    if type(value) in _PLAIN:
        return value
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    try:
        json.dumps(value)
        return canonical(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(
            f"A {type(value).__name__} can't be kept.", f"Give what JSON can hold ({error})."
        ) from None


def _name(text: Any, what: str) -> str:
    if text is None or not str(text).strip():
        raise InvalidRequest(f"The {what} needs a name.")
    return str(text)


def _instant(at: datetime | float | str) -> float | str:
    if isinstance(at, datetime):
        return (at if at.tzinfo else at.astimezone()).isoformat()
    try:
        micros_of(at)
    except NoTime as error:
        raise InvalidRequest(f"at: {error}.") from None
    return at
