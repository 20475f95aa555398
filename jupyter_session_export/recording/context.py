"""The ZeroMQ context by which kernels are heard; its thread gives way to all others."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

import zmq

LEAST = 19
"""The niceness of what gets the processor last."""


def listening_context() -> zmq.Context[zmq.Socket[bytes]]:
    """Return a context whose own threads give way to kernels and to the server.

    Such a thread is woken by each message, and where no processor is free it would interrupt
    who sends the next one. So it waits for its turn and then takes many at a time; what comes
    meanwhile waits in the buffers of the system and of the kernel.
    """
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    if sys.platform == "linux":  # elsewhere a thread has no priority that it could hand on
        beginning = threading.Thread(target=_begin, args=(context,), name="session-export-context")
        beginning.start()
        beginning.join()
    return context


def _begin(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    """Have the context start its threads, which inherit the priority of this one."""
    with suppress(OSError):  # a sandbox may forbid it: listening costs more then
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LEAST)
    context.socket(zmq.PULL).close()
