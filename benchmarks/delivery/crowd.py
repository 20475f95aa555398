"""Clients that download at once, in a process of their own, each in a thread.

Run as `python -m benchmarks.delivery.crowd PORT TOKEN PATH PLAN`, where PLAN is a `Crowd` as JSON;
prints for each client the bytes it got and whether that was all, as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from socket import socket

from ..server import JupyterServer
from .connection import asked, head_of

BUFFER_BYTES = 64 * 1024
READ_FIRST_BYTES = 1024 * 1024
LEAVES_AFTER = 600.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """How `count` clients behave.

    Each reads at most `speed` bytes a second (0: as fast as it can), takes nothing for `stall`
    seconds after its first MiB, and goes away after `seconds` (0: at the end).
    """

    count: int
    speed: float = 0
    stall: float = 0
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Got:
    """What one client got."""

    bytes: int
    whole: bool


def send_crowd(server: JupyterServer, path: str, crowd: Crowd) -> list[Got]:
    """Let a crowd download; return what each got. Raises CalledProcessError for a refusal."""
    plan = json.dumps(asdict(crowd))
    command = [sys.executable, "-m", __name__, str(server.port), server.token, path, plan]
    output = subprocess.run(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, check=True
    ).stdout
    return [Got(*each) for each in json.loads(output)]


def _download(port: int, token: str, path: str, crowd: Crowd) -> tuple[int, bool]:
    with asked(port, token, path, buffer_bytes=BUFFER_BYTES) as client:
        head, body = head_of(client)
        if head.status != 200:
            raise RuntimeError(f"GET {path}: {head.status}")
        received, tail, ended = _take(client, crowd, len(body), body[-8:])
    if head.length is not None:
        return received, received == head.length
    return received, ended and tail.endswith(b"0\r\n\r\n")


def _take(client: socket, crowd: Crowd, received: int, tail: bytes) -> tuple[int, bytes, bool]:
    """Return the bytes that came, the last of them, and whether the connection's end did."""
    began = time.perf_counter()
    leaves = began + (crowd.seconds or LEAVES_AFTER)
    stall = crowd.stall
    buffer = bytearray(BUFFER_BYTES)
    while time.perf_counter() < leaves:
        if crowd.speed:
            time.sleep(max(0.0, began + received / crowd.speed - time.perf_counter()))
        if stall and received >= READ_FIRST_BYTES:
            time.sleep(stall)
            stall = 0
        count = client.recv_into(buffer)
        if not count:
            return received, tail, True
        received += count
        tail = (tail + bytes(buffer[max(0, count - 8) : count]))[-8:]
    return received, tail, False


def main() -> None:
    port, token, path, plan = sys.argv[1:]
    crowd = Crowd(**json.loads(plan))
    with ThreadPoolExecutor(crowd.count) as threads:
        going = [
            threads.submit(_download, int(port), token, path, crowd) for _ in range(crowd.count)
        ]
        print(json.dumps([each.result() for each in going]))


if __name__ == "__main__":
    main()
