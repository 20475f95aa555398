"""How an execution went, as the lines of its journal tell. Pure, so that recovery is a replay."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ..records.execution import Execution, ExecutionError, Input, Status
from ..records.times import from_iso, to_iso
from ..records.timing import CellTiming
from ..records.usage import Usage

OUTPUT_TYPES = frozenset(
    {"display_data", "execute_result", "error", "clear_output", "update_display_data"}
)
KERNEL_TYPES = OUTPUT_TYPES | {"status", "stream", "execute_input"}
REPLY = "execute_reply"
LOST = "recorder.lost"
INTERRUPTED = "recorder.interrupted"
TRUNCATED = "recorder.truncated"
LEFT_OUT = "recorder.left_out"
REQUESTED = "recorder.requested"
USAGE = "recorder.usage"
TIMING = "recorder.timing"
CAPTURED = "recorder.captured"
ASKED = "input_request"
ANSWERED = "input_reply"
"""Lines of the recorder's own, or of what only a websocket tells, beside those of iopub."""

MOST_INPUTS = 1000
MOST_INPUT_CHARACTERS = 1024 * 1024
"""Of the questions and answers of one execution; what is more marks it as truncated."""

FASTEST_CLOCK = timedelta(seconds=1)
SLOWEST_CLOCK = timedelta(minutes=5)


@dataclass(slots=True)
class Outcome:
    """What the lines taken so far say; `apply` writes it into an execution."""

    requested: bool = False
    silent: bool = False
    has_input: bool = False
    has_output: bool = False
    idle: bool = False
    interrupted: bool = False
    interrupted_by: str | None = None
    truncated: bool = False
    lost_cause: str | None = None
    error: ExecutionError | None = None
    reply: dict[str, Any] | None = None
    execution_count: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    source: str | None = None
    inputs: list[Input] = field(default_factory=list)
    question: str | None = None
    """The id of the question that waits for its answer."""
    _input_characters: int = 0
    usage: Usage | None = None
    timing: CellTiming | None = None

    def take(self, line: dict[str, Any]) -> None:
        kind, content = line.get("type"), line.get("content") or {}
        if kind == "stream":
            self.has_output = True
        elif kind == "status":
            self._status(content, line)
        elif kind == "execute_input":
            self._input(content)
        elif kind == REPLY:
            self._reply(content)
        elif kind in OUTPUT_TYPES:
            self.has_output = True
            if kind == "error":
                self.error = _error(content)
        elif kind in (ASKED, ANSWERED):
            self._ask(kind, content, line)
        else:
            self._own(kind, content, line)
        if self.started_at is None and kind in KERNEL_TYPES:
            self.started_at = _time(line)

    def apply(self, execution: Execution) -> Execution:
        """Return the execution as it stands after these lines."""
        status = self.status
        error = self.error
        failed = status in (Status.ERROR, Status.INTERRUPTED)
        if error is None and failed and self.reply and "ename" in self.reply:
            error = _error(self.reply)
        return replace(
            execution,
            status=status,
            cause=self._cause_of(status),
            error=error,
            execution_count=self.execution_count,
            started_at=self.started_at,
            finished_at=self.finished_at,
            inputs=tuple(self.inputs),
            tool=execution.tool or self.silent or self._seems_silent,
            truncated=execution.truncated or self.truncated,
            usage=execution.usage if self.usage is None else self.usage,
            timing=execution.timing if self.timing is None else self.timing,
        )

    @property
    def status(self) -> Status:
        if not self.idle:
            return Status.RUNNING if self.lost_cause is None else Status.LOST
        reply = (self.reply or {}).get("status")
        failed = self.error is not None or reply == "error"
        # bash_kernel answers an interrupt with "abort" and no error.
        if failed or (self.interrupted and reply in ("abort", "aborted")):
            interrupted = self.interrupted or self._error_name == "KeyboardInterrupt"
            return Status.INTERRUPTED if interrupted else Status.ERROR
        if reply in ("abort", "aborted") or self._was_skipped:
            return Status.ABORTED
        # A kernel that raises no error (Bash) is gone before its reply gets through.
        if self.interrupted_by and reply is None:
            return Status.INTERRUPTED
        return Status.OK

    def _cause_of(self, status: Status) -> str | None:
        if status is Status.LOST:
            return self.lost_cause
        return self.interrupted_by if status is Status.INTERRUPTED else None

    @property
    def _error_name(self) -> str:
        return self.error.name if self.error else str((self.reply or {}).get("ename", ""))

    @property
    def _was_skipped(self) -> bool:
        """An aborted request is busy, then idle, and nothing between."""
        said_ok = (self.reply or {}).get("status") == "ok"
        return not (self.has_input or self.has_output or self.silent or said_ok or self.truncated)

    @property
    def _seems_silent(self) -> bool:
        """Output without an echo of the code: a silent request of a client that we don't see."""
        return self.idle and self.has_output and not (self.has_input or self.requested)

    def without_content(self, at: datetime) -> list[dict[str, Any]]:
        """Return lines that say the same of an execution that runs, but for its content."""
        started = to_iso(self.started_at or at)
        lines: list[dict[str, Any]] = []
        if self.requested:
            lines.append({"t": started, "type": REQUESTED, "content": {"silent": self.silent}})
        if self.started_at is not None:
            busy = {"execution_state": "busy"}
            lines.append({"t": started, "date": started, "type": "status", "content": busy})
        if self.has_input:
            content = {"code": "", "execution_count": self.execution_count}
            lines.append({"t": started, "type": "execute_input", "content": content})
        if self.interrupted:
            cause = {"cause": self.interrupted_by} if self.interrupted_by else {}
            lines.append({"t": started, "type": INTERRUPTED, "content": cause})
        if self.reply is not None:
            content = {"status": self.reply.get("status")}
            lines.append({"t": started, "type": REPLY, "content": content})
        return [*lines, {"t": to_iso(at), "type": TRUNCATED, "content": {}}]

    def _status(self, content: dict[str, Any], line: dict[str, Any]) -> None:
        state = content.get("execution_state")
        at = _time(line)
        if state == "idle":
            self.idle = True
            self.lost_cause = None
            self.finished_at = max(at, self.started_at or at)

    def _input(self, content: dict[str, Any]) -> None:
        self.has_input = True
        self._count(content)
        code = content.get("code")
        if isinstance(code, str):
            self.source = code

    def _reply(self, content: dict[str, Any]) -> None:
        self.reply = content
        if self.execution_count is None:
            self._count(content)

    def _ask(self, kind: str, content: dict[str, Any], line: dict[str, Any]) -> None:
        """Take a question, or the answer to the last one, as far as there is room."""
        text = str(content.get("prompt" if kind == ASKED else "value") or "")
        self._input_characters += len(text)
        full = kind == ASKED and len(self.inputs) >= MOST_INPUTS
        if full or self._input_characters > MOST_INPUT_CHARACTERS:
            self.question = None
            self.truncated = True
        elif kind == ASKED:
            password = content.get("password") is not False
            self.question = content.get("id")
            self.inputs.append(Input(text, password=password, asked_at=_time(line)))
        elif self.question is not None and self.question == content.get("id"):
            value = None if self.inputs[-1].password else content.get("value")
            self.inputs[-1] = replace(self.inputs[-1], value=value, answered=True)
            self.question = None

    def _count(self, content: dict[str, Any]) -> None:
        count = content.get("execution_count")
        if isinstance(count, int):
            self.execution_count = count

    def _own(self, kind: str | None, content: dict[str, Any], line: dict[str, Any]) -> None:
        if kind == LOST:
            self.lost_cause = str(content.get("cause"))
            self.finished_at = _time(line)
        elif kind == INTERRUPTED:
            self.interrupted = True
            self.interrupted_by = content.get("cause")
        elif kind in (TRUNCATED, LEFT_OUT):
            self.truncated = True
        elif kind == REQUESTED:
            self.requested = True
            self.silent = bool(content.get("silent"))
        elif kind == USAGE:
            self.usage = Usage.from_json(content)
        elif kind == TIMING:
            self.timing = CellTiming.from_json(content)


def kernel_time(date: str, received_at: datetime) -> datetime:
    """Return a message's own date where the kernel's clock is sane, else when it was received."""
    try:
        time = from_iso(date)
    except ValueError:
        return received_at
    sane = received_at - SLOWEST_CLOCK <= time <= received_at + FASTEST_CLOCK
    return time if sane else received_at


def _time(line: dict[str, Any]) -> datetime:
    received_at = from_iso(line["t"])
    return kernel_time(line.get("date") or "", received_at)


def _error(content: dict[str, Any]) -> ExecutionError:
    lines = content.get("traceback")
    return ExecutionError(
        str(content.get("ename", "")),
        str(content.get("evalue", "")),
        tuple(str(line) for line in lines) if isinstance(lines, list) else (),
    )
