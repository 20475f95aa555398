"""How long others wait while a server does something again and again."""

from __future__ import annotations

import time
from collections.abc import Callable

from .server import JupyterServer
from .watch import Latencies, watched_latency

AT_LEAST_SECONDS = 3.0
"""A download may end within 200 ms, which is too few probes for a p99."""


def latency_while(
    server: JupyterServer, act: Callable[[], object], seconds: float = AT_LEAST_SECONDS
) -> Latencies:
    """Repeat `act` for at least so many seconds; return the latencies of `/api/status`."""
    with watched_latency(server) as latencies:
        until = time.monotonic() + seconds
        act()
        while time.monotonic() < until:
            act()
    return latencies
