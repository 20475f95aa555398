"""SIGINT and SIGTERM end a command by an exception, so that it can tidy up, undisturbed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Terminated(KeyboardInterrupt):
    """The process was told to end by another signal than Ctrl-C's; `signal` is its number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = number


@contextmanager
def ending_by_exception() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first such signal and ignore those that follow.

    A second Ctrl-C would cut the tidying up short, and leave files behind.
    """

    def end(number: int, _: FrameType | None) -> None:
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated(number)

    before = {each: signal.getsignal(each) for each in ENDING}
    for each, handler in before.items():
        # What was started with nohup stays deaf to it.
        if handler is not signal.SIG_IGN:
            signal.signal(each, end)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
