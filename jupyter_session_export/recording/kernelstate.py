"""What the recorder knows of one kernel. Only the recorder's thread touches it."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..records.execution import Kernel
from .captures import Captures
from .displays import Displays
from .requests import Reply, Request
from .sequence import Sequence
from .wire import ForgedMessage, MalformedMessage, Message, Wire, read_document

MOST_PENDING = 10_000
MOST_RECENT = 20_000
"""How far one tab of a gateway's kernel may be behind another before it tells old news again."""
MOST_CLIENTS = 1000


class KernelState:
    """A kernel over all its incarnations; `wire` is None where a websocket is its only source."""

    def __init__(
        self, kernel: Kernel, session_id: str, wire: Wire | None, *, subscribed: bool = True
    ) -> None:
        """`subscribed` is False where nothing is lost between the kernel and its recorder."""
        self.kernel = kernel
        self.subscribed = subscribed and wire is not None
        self.session_id = session_id
        self.wire = wire
        self.serial = 0
        """Which of the kernels that came it is; an id may come back."""
        self.incarnation = 1
        self.alive = True
        self.last_failed = False
        self.sequence = Sequence()
        self.captures = Captures()
        self.displays = Displays()
        self.forged = 0
        self.malformed = 0
        self.requests: OrderedDict[str, Request] = OrderedDict()
        self.replies: OrderedDict[str, Reply] = OrderedDict()
        self.clients: OrderedDict[str, str | None] = OrderedDict()
        self._submitted: deque[Request] = deque(maxlen=MOST_PENDING)
        self._notebooks: dict[str, str] = {}
        self._process = ""
        self._restarting_since: datetime | None = None
        self._recent: OrderedDict[str, None] = OrderedDict()
        self._skipped: OrderedDict[str, None] = OrderedDict()
        self._unrecorded: OrderedDict[str, None] = OrderedDict()

    @property
    def id(self) -> str:
        return self.kernel.id

    @property
    def notebook(self) -> str | None:
        """The notebook opened last of those that this kernel serves."""
        return next(reversed(self._notebooks.values()), None)

    @property
    def notebooks(self) -> Collection[str]:
        """All notebooks that this kernel serves."""
        return self._notebooks.values()

    def open_notebook(self, row: str, path: str) -> None:
        self._notebooks.pop(row, None)
        self._notebooks[row] = path

    def follow(self, old: str, new: str) -> None:
        """Know a notebook, or those of a folder, by where they lie now."""
        for row, path in self._notebooks.items():
            if path == old or path.startswith(f"{old}/"):
                self._notebooks[row] = new + path.removeprefix(old)

    def close_notebook(self, row: str) -> None:
        self._notebooks.pop(row, None)

    def describe(self, language: str, file_extension: str) -> None:
        """Take the language from the kernel's own word."""
        self.kernel = replace(
            self.kernel,
            language=language or self.kernel.language,
            file_extension=file_extension or self.kernel.file_extension,
        )

    def connect(self, client: str, user: str | None) -> None:
        """Know a client by its user, also after its websocket has closed."""
        self.clients[client] = user
        self.clients.move_to_end(client)
        _bound(self.clients, MOST_CLIENTS)

    def expect(self, request: Request) -> None:
        """Keep a request until its execution starts. A gateway's websocket tells it twice."""
        self.requests.setdefault(request.msg_id, request)
        _bound(self.requests, MOST_PENDING)

    def submit(self, request: Request) -> None:
        """Keep what the server itself is to run until it does, which is in order."""
        self._submitted.append(request)

    def claim(self, code: str) -> Request | None:
        """Return the first that was submitted with this code; those before it were given up."""
        at = next((i for i, one in enumerate(self._submitted) if one.code == code), None)
        if at is None:
            return None
        for _ in range(at):
            self._submitted.popleft()
        return self._submitted.popleft()

    def skip(self, msg_id: str) -> None:
        """Leave out an execution that began while nothing was recorded, to its very end."""
        self.requests.pop(msg_id, None)
        self.replies.pop(msg_id, None)
        self._skipped[msg_id] = None
        _bound(self._skipped, MOST_PENDING)

    def skips(self, msg_id: str) -> bool:
        return msg_id in self._skipped

    def unskip(self, msg_id: str) -> None:
        """Let a msg_id mean something again that is used for a new execution."""
        self._skipped.pop(msg_id, None)
        self._unrecorded.pop(msg_id, None)

    def finish_unrecorded(self, msg_id: str) -> None:
        """Note that a silent execution has ended, so that its reply isn't waited for."""
        self._unrecorded[msg_id] = None
        _bound(self._unrecorded, MOST_PENDING)

    def keep_reply(self, reply: Reply) -> None:
        """Keep a reply that came before its execution did."""
        if reply.msg_id in self._skipped or reply.msg_id in self._unrecorded:
            return
        self.replies[reply.msg_id] = reply
        _bound(self.replies, MOST_PENDING)

    def is_new(self, msg_id: str) -> bool:
        """Tell whether a message wasn't seen yet; several websockets pass on the same ones."""
        if msg_id in self._recent:
            return False
        self._recent[msg_id] = None
        _bound(self._recent, MOST_RECENT)
        return True

    def read(self, frames: list[bytes]) -> Message | None:
        """Return a message; None for one that is refused, or that was told before."""
        try:
            if self.wire is not None:
                return self.wire.read(frames)
            message = read_document(frames[0])
        except ForgedMessage:
            self.forged += 1
            return None
        except MalformedMessage:
            self.malformed += 1
            return None
        return message if self.is_new(message.msg_id) else None

    def begin_restart(self, at: datetime) -> None:
        self._restarting_since = at

    def give_up_restart(self) -> None:
        self._restarting_since = None

    def is_of_new_process(self, session: str) -> bool:
        """Tell whether, during a restart, a message is the first of the new process."""
        if self._restarting_since is None:
            self._process = session
            return False
        return session not in ("", self._process)

    def next_incarnation(self) -> list[Request]:
        """Count a start; return the requests that died unheard with the old process."""
        before = self._restarting_since
        self.incarnation += 1
        self.last_failed = False
        self.sequence = Sequence()
        self.captures = Captures()
        self._restarting_since = None
        self._process = ""
        self.displays.clear()
        return list(self._take_requests(before))

    @property
    def is_restarting(self) -> bool:
        return self._restarting_since is not None

    def _take_requests(self, before: datetime | None) -> Iterator[Request]:
        for request in list(self.requests.values()):
            if before is None or request.received_at <= before:
                del self.requests[request.msg_id]
                yield request


def _bound(mapping: OrderedDict[str, Any], most: int) -> None:
    while len(mapping) > most:
        mapping.popitem(last=False)
