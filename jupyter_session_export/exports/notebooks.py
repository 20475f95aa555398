"""The session's notebooks as they are on disk."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import IO

from ..archive.entries import OnDisk
from ..archive.files import Unpackable, read_whole
from ..archive.widgets import Widgets
from ..interpreter import command
from ..records.times import from_timestamp
from .scripting import NotebookFacts, describe
from .widget_state import fill_gap

LARGE_BYTES = 1024 * 1024
"""A notebook larger than this is parsed in another process and packed from disk."""
DESCRIBE_SECONDS = 60.0
GLANCE_SECONDS = 0.05
MOST_FILLED_BYTES = 32 * 1024 * 1024
"""A notebook larger than this is packed as it is on disk."""
NOT_ADDED = "widget state not added: the notebook is too large, or was saved just now"


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """A notebook on disk: its bytes, or its file where it is large, or why there is neither."""

    path: str
    content: bytes | None = None
    file: Path | None = None
    modified: datetime | None = None
    reason: str | None = None
    facts: NotebookFacts = field(default_factory=NotebookFacts)
    note: str | None = None

    def with_widgets(self, widgets: Widgets, root: Path) -> NotebookFile:
        """Return it with the state of widgets that it shows and has none of; else as it is."""
        gap = self.facts.gap
        if gap is None or widgets.state(gap.models) is None:
            return self
        content = self.content
        if content is None and self.file is not None:
            with suppress(Unpackable):
                content = read_whole(OnDisk(self.file, root, MOST_FILLED_BYTES)).data
        filled = fill_gap(content or b"", gap, widgets)
        if filled is None:
            return replace(self, note=NOT_ADDED)
        return replace(self, content=filled[0], file=None, note=filled[1])


class NotebookReader:
    """Reads notebooks below a root, never following a link out of it; a context manager.

    `check` may raise what ends it while a large notebook is described.
    """

    def __init__(self, root: Path, check: Callable[[], None] = lambda: None) -> None:
        self._root = root
        self._check = check
        self._describer: subprocess.Popen[str] | None = None

    def read(self, path: str) -> NotebookFile:
        """Read a notebook by its path below the root."""
        try:
            file, reason = locate(self._root, path)
            if reason is not None:
                return NotebookFile(path, reason=reason)
            status = file.stat()
            modified = from_timestamp(status.st_mtime)
            if status.st_size > LARGE_BYTES:
                facts = self._describe_elsewhere(file)
                return NotebookFile(path, file=file, modified=modified, facts=facts)
            content = read_whole(OnDisk(file, self._root)).data
        except Unpackable as why:
            return NotebookFile(path, reason=why.reason)
        except (OSError, ValueError, RuntimeError) as error:
            return NotebookFile(path, reason=_reason(error))
        return NotebookFile(path, content, modified=modified, facts=describe(content))

    def _describe_elsewhere(self, file: Path) -> NotebookFacts:
        process = self._describer or self._start()
        try:
            assert process.stdin is not None  # noqa: S101  # both are pipes
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(json.dumps(str(file)) + "\n")
            process.stdin.flush()
            return NotebookFacts.from_json(json.loads(self._line(process.stdout)))
        except (OSError, ValueError):
            self.close()
            return NotebookFacts(is_notebook=True, script_reason="it could not be parsed in time")

    def _line(self, stdout: IO[str]) -> str:
        """Wait for a line, or for too long: then the process is killed, which ends its line."""
        answer: Queue[str] = Queue()
        asking = threading.Thread(target=lambda: answer.put(stdout.readline()), daemon=True)
        asking.start()
        deadline = monotonic() + DESCRIBE_SECONDS
        try:
            while monotonic() < deadline:
                self._check()
                with suppress(Empty):
                    return answer.get(timeout=GLANCE_SECONDS)
            raise TimeoutError
        except BaseException:
            if self._describer is not None:
                self._describer.kill()
            raise
        finally:
            asking.join()

    def _start(self) -> subprocess.Popen[str]:
        self._describer = subprocess.Popen(  # noqa: S603  # our own module and interpreter
            command(f"{__package__}.scripting"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        return self._describer

    def close(self) -> None:
        """End the process that describes large notebooks."""
        process, self._describer = self._describer, None
        if process is not None:
            process.kill()
            process.communicate()

    def __enter__(self) -> NotebookReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def locate(root: Path, path: str) -> tuple[Path, str | None]:
    """Return a notebook's file, or why it is none. Raises OSError, ValueError, RuntimeError."""
    file = (root / path.lstrip("/")).resolve(strict=True)
    if not file.is_relative_to(root.resolve()):
        return file, "leads out of the root folder"
    return file, None if file.is_file() else "is not a file"


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not on disk"
    return f"can't be read: {getattr(error, 'strerror', None) or error}"
