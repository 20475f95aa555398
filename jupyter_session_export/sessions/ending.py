"""How a run ended, told as an error and an exit code. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import KernelDied
from .link import Reply
from .result import FAILED, INTERRUPTED, OK, TIMED_OUT, RunError

_SIGNAL = re.compile(r"\(signal (\w+)\)")
_NUMBERS = {"SIGKILL": 9, "SIGSEGV": 11, "SIGTERM": 15, "SIGABRT": 6, "SIGBUS": 7, "SIGFPE": 8}
_EXIT = re.compile(r"\(exit code (\d+)\)")


@dataclass(frozen=True, slots=True)
class Ended:
    """How code ended; `execution_count` is the kernel's own, where it got so far."""

    error: RunError | None
    exit_code: int
    execution_count: int | None = None


def by_reply(reply: Reply) -> Ended:
    """Tell how code ended that the kernel has replied to."""
    if reply.status == "ok":
        return Ended(None, OK, reply.execution_count)
    content = reply.content
    name, value = str(content.get("ename", "Aborted")), str(content.get("evalue", ""))
    error = RunError(name, value, _traceback(content))
    if name == "SystemExit":
        return _by_exit(error, reply.execution_count)
    code = INTERRUPTED if name == "KeyboardInterrupt" else FAILED
    return Ended(error, code, reply.execution_count)


def by_death(died: KernelDied) -> Ended:
    """Tell how code ended whose kernel did."""
    error = RunError("KernelDied", " ".join(filter(None, (died.message, died.detail))))
    if found := _SIGNAL.search(died.message):
        return Ended(error, 128 + _NUMBERS.get(found[1], 0))
    found = _EXIT.search(died.message)
    return Ended(error, int(found[1]) or FAILED if found else FAILED)


def by_timeout(seconds: float, *, restarted: bool) -> Ended:
    """Tell of code that took longer than it was allowed to."""
    what = f"It ran longer than {seconds:g} s and was interrupted."
    if restarted:
        what += " The kernel had to be started anew for that: its variables are gone."
    return Ended(RunError("TimeoutError", what), TIMED_OUT)


def _by_exit(error: RunError, count: int | None) -> Ended:
    """Tell of `sys.exit(value)`, which is an error in a kernel whatever the value."""
    if error.value in ("", "0", "None"):
        return Ended(None, OK, count)
    return Ended(error, int(error.value) if error.value.isdecimal() else FAILED, count)


def _traceback(content: Mapping[str, Any]) -> tuple[str, ...]:
    lines = content.get("traceback")
    return tuple(map(str, lines)) if isinstance(lines, list) else ()
