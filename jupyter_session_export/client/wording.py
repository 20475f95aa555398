"""How sizes, progress, results and problems are put in one line, in a kernel and on a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import SessionExportError

if TYPE_CHECKING:
    # Servers word things, too, and need no HTTP client for that.
    from .delivery import Delivered
    from .job import Progress

BAR_WIDTH = 24
REPORT_SECONDS = 0.25


def size(count: float) -> str:
    """Write a number of bytes, as in `3.4 MB`."""
    if count < 1000:
        return f"{count:.0f} bytes" if count != 1 else "1 byte"
    for unit in ("kB", "MB", "GB", "TB"):
        count /= 1000
        if count < 999.95 or unit == "TB":
            break
    return f"{count:.1f} {unit}"


def counted(count: int, noun: str) -> str:
    """Write a number of things, as in `1 file` or `1,200 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """Write a time span in its two largest units, as in `3 min 20 s`."""
    whole = round(seconds)
    for unit, length, smaller, part in (
        ("d", 86400, "h", 3600),
        ("h", 3600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def progress_line(progress: Progress) -> str:
    """Write a bar with what is being done, as in `[####....]  50 %  sealing, 1.2 MB of 2.4 MB`."""
    filled = round(BAR_WIDTH * progress.percent / 100)
    bar = "#" * filled + "." * (BAR_WIDTH - filled)
    return f"[{bar}] {progress.percent:3.0f} %  {progress_text(progress)}"


def progress_text(progress: Progress) -> str:
    """Write what is being done, how much of it is done, and how long it may still take."""
    text = progress.stage
    if progress.bytes_total:
        text += f", {size(progress.bytes_done)} of {size(progress.bytes_total)}"
    elif progress.entries_total:
        text += f", {progress.entries_done:,} of {counted(progress.entries_total, 'file')}"
    if progress.remaining is not None and progress.remaining >= 1:
        text += f", {duration(progress.remaining)} to go"
    return text


def result_text(delivered: Delivered) -> str:
    """Write what is in a ZIP, and how much was left out."""
    left_out = counted(delivered.left_out, "file") if delivered.left_out else "nothing"
    return (
        f"{counted(delivered.executions, 'execution')}, {counted(delivered.files, 'file')}, "
        f"{size(delivered.bytes)}; {left_out} left out"
    )


def purged_text(answer: Mapping[str, Any], own: int = 0) -> str:
    """Write what a purge removed; `own` executions are those that ask for it."""
    removed = answer["removed"]
    text = f"{counted(removed['executions'], 'execution')} purged, {size(removed['bytes'])}."
    running = removed["running"] - own
    if running > 0:
        text += f" Of {counted(running, 'running execution')} only the rest is recorded."
    if answer.get("held_by_export"):
        text += " Another program exports the session; what it holds goes when it is done."
    return text


def problem_line(error: SessionExportError) -> str:
    """Write what went wrong, what to do about it, and the code, in one line."""
    # Jupyter's own errors, unlike ours, end without a full stop.
    stop = "" if error.message.endswith((".", "!", "?")) else "."
    words = f"{error.message}{stop} {error.detail or ''}".split()
    return f"{' '.join(words)} [{error.code}]"


class Unhurried:
    """Passes on at most four reports a second, the first one always."""

    def __init__(
        self, report: Callable[[Progress], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._report = report
        self._clock = clock
        self._next = float("-inf")

    def __call__(self, progress: Progress) -> None:
        now = self._clock()
        if now >= self._next:
            self._next = now + REPORT_SECONDS
            self._report(progress)
