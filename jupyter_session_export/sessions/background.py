"""The event loop of all sessions: one thread for the process, whoever calls from wherever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


async def aside(call: Callable[[], T]) -> T:
    """Make a call in a thread; right here where the interpreter is ending, and starts none."""
    try:
        done = asyncio.get_running_loop().run_in_executor(None, call)
    except RuntimeError:
        return call()
    return await done


class BackgroundLoop:
    """An event loop in a daemon thread. ZeroMQ's descriptors need a loop that selects."""

    def __init__(self) -> None:
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(
            target=self._run, name="session-export-sessions", daemon=True
        )
        self._thread.start()

    @property
    def here(self) -> bool:
        """Whether this is the loop's own thread, which must not wait for itself."""
        return threading.current_thread() is self._thread

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin work; to cancel the future cancels it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work and wait for it. A KeyboardInterrupt meanwhile cancels it.

        Raises RuntimeError in the loop's own thread, which would wait for itself for ever.
        """
        if self.here:
            work.close()
            raise RuntimeError("What is called back here must not wait for a session itself.")
        future = self.submit(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    async def hand(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work for a coroutine of another loop; its cancellation cancels it."""
        return await asyncio.wrap_future(self.submit(work))

    def close(self) -> None:
        """End the thread; what goes on is cancelled."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()
