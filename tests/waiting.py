"""Wait for what other processes do, which nothing announces."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

SECONDS = 60.0

T = TypeVar("T")


def wait_until(what: Callable[[], T], seconds: float = SECONDS) -> T:
    """Return the first true answer; fail where there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)
    return answer
