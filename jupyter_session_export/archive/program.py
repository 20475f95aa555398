"""The companion's program while it runs."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from tempfile import TemporaryFile

from ..interpreter import command
from .packer import GREETING, Row, read_rows, to_request
from .packing import Item

MODULE = f"{__package__}.packer"
END_SECONDS = 0.2
WORDS_BYTES = 500


class Program:
    """One process. Any thread may kill it; one starts it, asks it, hears it and ends it."""

    def __init__(self, compression: str) -> None:
        self._words = TemporaryFile()  # noqa: SIM115 - closed by `end`
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own
                command(MODULE, compression),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
            )
        except BaseException:
            self._words.close()
            raise

    def begin(self) -> None:
        """Wait until it can be asked. Raises EOFError or ValueError when it is another one."""
        if self._rows() != [GREETING]:
            raise ValueError("another program, or another version of it")

    def ask(self, batch: Sequence[Item]) -> None:
        """Ask for the files of a batch. Raises OSError."""
        requests = self._process.stdin
        assert requests is not None  # noqa: S101 - a pipe
        requests.write(to_request(batch))
        requests.flush()

    def reply(self, path: str) -> list[Row]:
        """Wait for the answer about files from `path` on. Raises EOFError or ValueError."""
        try:
            return self._rows()
        except EOFError as error:
            raise EOFError(f"no answer about files from {path} on") from error

    def kill(self) -> None:
        self._process.kill()

    def last_words(self) -> str:
        """Return how it ended, and the last that it said of that."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        size = self._words.seek(0, 2)
        self._words.seek(max(0, size - WORDS_BYTES))
        words = self._words.read().decode(errors="replace").strip().splitlines()
        return f"exit code {self._process.poll()}: {''.join(words[-1:])}"

    def end(self) -> None:
        """Kill it, and wait until it is gone."""
        self._process.kill()
        # What was not asked any more can't be.
        with suppress(OSError):
            self._process.communicate()
        self._words.close()

    def _rows(self) -> list[Row]:
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        return read_rows(self._process.stdout)
