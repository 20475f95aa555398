"""What each execution uses, as the kernel itself sees it: exact also where it takes a millisecond.

It goes out in the metadata of the idle message that ends an execution: no message of its own,
which some clients would complain of, and nothing that a front end shows or a notebook keeps.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from ..records.timing import TIMING
from ..records.usage import METADATA, Told
from .clocks import Clocks, Readings, timing_between
from .history import History

MOST_RUNNING = 1000
BLOCK_BYTES = 512
"""What getrusage(2) counts blocks of, whatever those of the file system are."""
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024

_telling: WeakKeyDictionary[Any, History] = WeakKeyDictionary()


def tell_usage(session: Any, clocks: Clocks) -> History:
    """Have the messages of a kernel's `jupyter_client` session tell it, once."""
    history = _telling.get(session)
    if history is None:
        history = _telling[session] = History()
        clocks.install()
        session.send = UsageTeller(session.send, clocks, history).send
    return history


class Moment:
    """What the process had used at one moment, the children that it has waited for included."""

    __slots__ = ("cpu_seconds", "max_rss", "read", "rss", "written")

    def __init__(self, memory: tuple[int, int] | None) -> None:
        own = resource.getrusage(resource.RUSAGE_SELF)
        waited = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu_seconds = own.ru_utime + own.ru_stime + waited.ru_utime + waited.ru_stime
        self.rss, self.max_rss = memory or (0, own.ru_maxrss * MAXRSS_UNIT)
        self.read = (own.ru_inblock + waited.ru_inblock) * BLOCK_BYTES
        self.written = (own.ru_oublock + waited.ru_oublock) * BLOCK_BYTES

    def until(self, end: Moment) -> Told:
        """Return what was used from here until then.

        The system keeps one peak for the life of a process: it is the execution's if that has
        raised it. Resetting it would be more exact, but it isn't ours to reset.
        """
        raised = end.max_rss if end.max_rss > self.max_rss else 0
        return Told(
            cpu_ms=round(max(0.0, end.cpu_seconds - self.cpu_seconds) * 1000, 3),
            peak_rss_bytes=max(self.rss, end.rss, raised) or None,
            rss_bytes=end.rss or None,
            read_bytes=max(0, end.read - self.read),
            write_bytes=max(0, end.written - self.written),
        )


class UsageTeller:
    """Sends a kernel's messages on, with figures in those that end an execution. Any thread."""

    def __init__(
        self, send: Callable[..., Any], clocks: Clocks, history: History | None = None
    ) -> None:
        self._send = send
        self._clocks = clocks
        self._history = history or History()
        self._begun: dict[str, tuple[Moment, Readings]] = {}
        self._memory = Memory()

    def send(self, stream: Any, msg_or_type: Any, *arguments: Any, **options: Any) -> Any:
        """As `jupyter_client.session.Session.send`."""
        # ipykernel names all arguments but the content; who wraps `send` may not name the parent.
        if msg_or_type == "status" and len(arguments) in (1, 2):
            content, *unnamed = arguments
            told = self._look(content, unnamed[0] if unnamed else options.get("parent"))
            if told is not None:
                metadata = options.get("metadata") or {}
                options["metadata"] = {**metadata, METADATA: told}
        elif msg_or_type == "execute_reply" and arguments:
            content, *unnamed = arguments
            parent = unnamed[0] if unnamed else options.get("parent")
            self._history.reply(_execution(parent) or "", content)
        return self._send(stream, msg_or_type, *arguments, **options)

    def _look(self, content: Any, parent: Any) -> dict[str, Any] | None:
        """Note the begin of an execution; return what it used, and its timing, at its end."""
        msg_id = _execution(parent)
        state = content.get("execution_state") if isinstance(content, dict) else None
        if msg_id is None or state not in ("busy", "idle"):
            return None
        if state == "idle":
            # The clocks come first here and last there, so that looking isn't counted.
            read = self._clocks.read()
            begun = self._begun.pop(msg_id, None)
            return None if begun is None else self._told(msg_id, *begun, read)
        if len(self._begun) < MOST_RUNNING:
            moment, clocks = Moment(self._memory.look()), self._clocks.read()
            self._begun[msg_id] = moment, clocks
            self._history.begin(msg_id, parent, clocks.clock)
        return None

    def _told(self, msg_id: str, begin: Moment, began: Readings, ended: Readings) -> dict[str, Any]:
        told = begin.until(Moment(self._memory.look()))
        timing = timing_between(began, ended)
        self._history.end(msg_id, ended.clock, told, timing)
        return {**told.to_json(), TIMING: timing.to_json()}


class Memory:
    """How much memory the process has now and has had at most, as Linux tells; else None.

    Not by getrusage(2), whose maximum a process that was started by `vfork` inherits from
    the one that started it: a kernel's would be its server's.
    """

    def __init__(self) -> None:
        self._pid = 0
        self._file = -1

    def look(self) -> tuple[int, int] | None:
        # Held open, which takes a quarter of the time; a forked process has a file of its own.
        if self._pid != os.getpid():
            self._open()
        if self._file < 0:
            return None
        try:
            status = os.pread(self._file, 4096, 0)
        except OSError:
            # A cell has closed what it didn't open, and the number may be another file's next.
            self._file = -1
            return None
        now, most = _kibibytes(status, b"VmRSS:"), _kibibytes(status, b"VmHWM:")
        return None if now is None or most is None else (now, most)

    def _open(self) -> None:
        self._pid = os.getpid()
        path = Path("/proc/self/status")
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path.exists() else -1


def _kibibytes(status: bytes, field: bytes) -> int | None:
    """Return a figure in bytes; None where it isn't told: gVisor knows of no maximum."""
    words = status.partition(field)[2].split(maxsplit=1)
    return int(words[0]) * 1024 if words and words[0].isdigit() else None


def _execution(parent: Any) -> str | None:
    """Return the msg_id of the execute_request that a message belongs to."""
    header = parent.get("header", parent) if isinstance(parent, dict) else {}
    if header.get("msg_type") != "execute_request":
        return None
    msg_id: str | None = header.get("msg_id")
    return msg_id
