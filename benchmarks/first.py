"""The first export of a server's life, when nothing is loaded yet; most servers see one."""

from __future__ import annotations

from .reader import download
from .server import JupyterServer
from .table import Result, at_most

FIRST_BYTE_MS = 100


def first_of_all(benchmark: str, what: str, server: JupyterServer, route: str) -> Result:
    """Fetch a ZIP from a server that has made none yet; return when its first byte came."""
    got = download(server, route)
    name = f"{what}: first byte of a server's first export"
    note = f"{got.seconds:.3f} s in all"
    return Result(benchmark, name, got.first_byte * 1000, "ms", at_most(FIRST_BYTE_MS), note)
