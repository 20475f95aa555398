"""A process of its own that asks for `/api/status` again and again until its input ends.

Run as `python -m benchmarks.probe PORT TOKEN SECONDS_BETWEEN`; prints the latencies in ms as JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.client import HTTPConnection

from .server import HOST


def measure(port: int, token: str, between: float, stop: threading.Event) -> list[float]:
    """Return the latencies in ms, as clients would see them that ask at a steady pace.

    A stall delays all who would have asked meanwhile: each of them counts.
    """
    connection = HTTPConnection(HOST, port, timeout=60)
    latencies: list[float] = []
    due = time.perf_counter()
    while not stop.is_set():
        began = time.perf_counter()
        connection.request("GET", "/api/status", headers={"Authorization": f"token {token}"})
        connection.getresponse().read()
        ended = time.perf_counter()
        latencies.append((ended - began) * 1000)
        due += between
        while due < ended:
            latencies.append((ended - due) * 1000)
            due += between
        time.sleep(due - ended)
    connection.close()
    return latencies


def main() -> None:
    port, token, between = sys.argv[1:]
    stop = threading.Event()

    def until_end_of_input() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=until_end_of_input, daemon=True).start()
    print(json.dumps(measure(int(port), token, float(between), stop)))


if __name__ == "__main__":
    main()
