"""What one run of the benchmarks shares: its sizes, its scratch folder, its recorded session."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import corpus, filling
from .server import JupyterServer, jupyter_server

LARGE_MB = 2000.0
STALL_SECONDS = 10.0
SLOW_ROUNDS = 3
"""At most so many rounds of peers that take tens of seconds each."""


@dataclass(slots=True)
class Bench:
    """`megabytes` is the size of the corpora, `rounds` how often each contender runs.

    `large_mb` is the size of the session that is large, `stall_seconds` how long
    a client that stalls takes nothing.
    """

    megabytes: float
    rounds: int
    scratch: Path
    large_mb: float = LARGE_MB
    stall_seconds: float = STALL_SECONDS
    _recorded: Path | None = field(default=None, init=False)
    filled: filling.Filled | None = field(default=None, init=False)

    @property
    def scale(self) -> float:
        """What counts are multiplied with; 1 at the size that the bars are about."""
        return self.megabytes / corpus.FULL_MB

    @property
    def slow_rounds(self) -> int:
        return min(SLOW_ROUNDS, self.rounds)

    def scaled(self, count: int, least: int = 1) -> int:
        return max(least, round(count * self.scale))

    def folder(self, name: str) -> Path:
        """Return a new folder below the scratch folder."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.scratch))

    @contextmanager
    def server(self, root: Path, name: str, *, extension: bool = True) -> Iterator[JupyterServer]:
        """Run a server with nothing recorded yet."""
        home = self.folder(name)
        try:
            with jupyter_server(root, home, extension=extension) as server:
                yield server
        finally:
            shutil.rmtree(home, ignore_errors=True)

    @contextmanager
    def recorded_server(self) -> Iterator[JupyterServer]:
        """Run a server that resumes a session with all kinds of content recorded."""
        home = self.recorded_home()
        with jupyter_server(home / "root", home) as server:
            yield server

    def recorded_home(self) -> Path:
        """Return the home of the recorded session, which is recorded at the first call."""
        if self._recorded is None:
            home = self.folder("recorded")
            self.filled = filling.fill(home, self.megabytes)
            self._recorded = home
        return self._recorded


@contextmanager
def new_bench(
    megabytes: float,
    rounds: int,
    large_mb: float = LARGE_MB,
    stall_seconds: float = STALL_SECONDS,
) -> Iterator[Bench]:
    """Yield what a run shares; its scratch folder goes at the end."""
    scratch = Path(tempfile.mkdtemp(prefix="jupyter_session_export-bench-"))
    try:
        yield Bench(megabytes, rounds, scratch, large_mb, stall_seconds)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
