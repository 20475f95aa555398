"""Downloads that are cut at random bytes and resumed: the same bytes, and how many come twice.

What counts as sent is what arrived at the client's system, read or not, since that went over the
network. Its buffer is small, as that of a network is whose client keeps up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ..bench import Bench
from ..exporting import prepare
from ..server import JupyterServer
from ..table import Result, at_least, at_most
from .connection import asked, bytes_on_the_wire, head_of

NAME = "delivery"
CUTS = 20
MOST_TWICE_PERCENT = 1.0
BUFFER_BYTES = 64 * 1024


@dataclass(slots=True)
class Collected:
    """What a client has of a ZIP, and what was sent to it for that."""

    size: int | None = None
    etag: str = ""
    got: int = 0
    sent: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def twice_percent(self) -> float:
        return 100 * (self.sent - self.got) / self.got

    def fetch(self, server: JupyterServer, route: str, until: int | None = None) -> None:
        """Go on where it stopped, up to a byte or to the end. Raises RuntimeError for a refusal."""
        lines = f"Range: bytes={self.got}-\r\nIf-Range: {self.etag}\r\n" if self.etag else ""
        with asked(
            server.port, server.token, route, buffer_bytes=BUFFER_BYTES, lines=lines
        ) as client:
            head, body = head_of(client)
            expected = 206 if self.etag else 200
            if head.status != expected or self.etag not in ("", head.headers["etag"]):
                raise RuntimeError(f"GET {route}: {head.status}, {head.headers}")
            self.etag = head.headers["etag"]
            self.size = self.size or head.length
            before = self.got
            self._take(body, until)
            while self.got != until and (piece := client.recv(BUFFER_BYTES)):
                self._take(piece, until)
            wire = bytes_on_the_wire(client)
        self.sent += (wire - head.size) if wire is not None else self.got - before

    def _take(self, piece: bytes, until: int | None) -> None:
        kept = piece if until is None else piece[: until - self.got]
        self.digest.update(kept)
        self.got += len(kept)


def run(bench: Bench) -> Iterator[Result]:
    """Cut twenty downloads once, and one download twenty times."""
    with bench.recorded_server() as server:
        route, _ = prepare(server)
        whole = Collected()
        whole.fetch(server, route)
        draw = Random("bytes")  # noqa: S311  # the same bytes each time
        at = sorted(draw.randrange(1, whole.got) for _ in range(CUTS))
        once = [_cut(server, route, [byte]) for byte in at]
        often = _cut(server, route, at)
    expected = whole.digest.hexdigest()
    same = sum(each.digest.hexdigest() == expected for each in once)
    twice = max(each.twice_percent for each in once)
    bar = at_most(MOST_TWICE_PERCENT)
    note = f"{whole.got / 1e6:.0f} MB"
    yield Result(NAME, "cut once, resumed: the same SHA-256", same, "", at_least(CUTS), note)
    yield Result(NAME, "cut once, resumed: sent twice, most", twice, "%", bar)
    same = int(often.digest.hexdigest() == expected)
    yield Result(NAME, f"cut {CUTS} times: the same SHA-256", same, "", at_least(1))
    yield Result(NAME, f"cut {CUTS} times: sent twice", often.twice_percent, "%", bar)


def _cut(server: JupyterServer, route: str, at: list[int]) -> Collected:
    collected = Collected()
    for byte in at:
        collected.fetch(server, route, byte)
    collected.fetch(server, route)
    return collected
