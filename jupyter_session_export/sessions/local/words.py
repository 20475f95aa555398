"""What the kernels of a session write to their standard error, which is none of their code's."""

from __future__ import annotations

import os
import tempfile
from typing import IO

MOST_BYTES = 4096


class LastWords:
    """A file that kernels inherit; its end tells why one of them could not start."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # `close` closes it

    def forget(self) -> None:
        """Begin anew, for another kernel."""
        self.file.seek(0)
        self.file.truncate()

    def tail(self) -> str:
        """Return the end of what was said."""
        self.file.seek(max(0, self.file.seek(0, os.SEEK_END) - MOST_BYTES))
        return self.file.read().decode("utf-8", "replace").strip()

    def close(self) -> None:
        self.file.close()
