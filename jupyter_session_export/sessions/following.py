"""Following a run from another thread or event loop; who leaves interrupts it."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import aclosing, closing, suppress
from typing import Any

from .background import BackgroundLoop
from .callbacks import Callbacks
from .events import Event, Finished
from .mailbox import Mailbox
from .result import RunResult

Begin = Callable[[Callable[[Event], None]], Coroutine[Any, Any, RunResult]]
"""What begins a run, given what takes its events."""


def follow(loop: BackgroundLoop, begin: Begin) -> Generator[Event, None, None]:
    """Yield a run's events in the caller's thread. To close it interrupts the code."""
    arrived = threading.Event()
    mailbox = Mailbox(arrived.set)
    future = loop.submit(begin(mailbox.put))
    future.add_done_callback(lambda _: arrived.set())
    try:
        while True:
            arrived.wait()
            arrived.clear()
            done = future.done()
            yield from mailbox.take()
            if done:
                future.result()
                return
    finally:
        future.cancel()


def carry_out(loop: BackgroundLoop, begin: Begin, callbacks: Callbacks) -> RunResult:
    """Return a run's result; call back in the caller's thread meanwhile."""
    if not callbacks:
        return loop.run(begin(_nobody))
    with closing(follow(loop, begin)) as events:
        for event in events:
            if isinstance(event, Finished):
                return event.result
            callbacks.take(event)
    raise AssertionError("a run ends with its result, or with an error")


async def afollow(loop: BackgroundLoop, begin: Begin) -> AsyncGenerator[Event, None]:
    """As `follow`, on the caller's event loop."""
    ours, arrived = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        # Whoever listened may be gone with its loop.
        with suppress(RuntimeError):
            ours.call_soon_threadsafe(arrived.set)

    mailbox = Mailbox(wake)
    future = loop.submit(begin(mailbox.put))
    future.add_done_callback(lambda _: wake())
    try:
        while True:
            await arrived.wait()
            arrived.clear()
            done = future.done()
            for event in mailbox.take():
                yield event
            if done:
                future.result()
                return
    finally:
        future.cancel()


async def acarry_out(loop: BackgroundLoop, begin: Begin, callbacks: Callbacks) -> RunResult:
    """As `carry_out`, on the caller's event loop; what is called may be a coroutine function."""
    if not callbacks:
        return await loop.hand(begin(_nobody))
    async with aclosing(afollow(loop, begin)) as events:
        async for event in events:
            if isinstance(event, Finished):
                return event.result
            answer = callbacks.take(event)
            if inspect.isawaitable(answer):
                await answer
    raise AssertionError("a run ends with its result, or with an error")


def _nobody(_: Event) -> None:
    """Take an event that nobody asks for."""
