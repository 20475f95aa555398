"""An execution: one execute request with all that came of it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, astuple, dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from .times import from_iso, from_iso_or_none, to_iso, to_iso_or_none
from .timing import NOT_TIMED, CellTiming
from .usage import NOT_MEASURED, Usage


class Status(str, Enum):
    """How an execution stands. `LOST`: its kernel or server died while it ran."""

    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Kernel:
    """The kernel of an execution; `file_extension` is a script's, such as `.py`."""

    id: str
    name: str
    language: str
    file_extension: str


@dataclass(frozen=True, slots=True)
class ExecutionKey:
    """What tells an execution from all others.

    `incarnation` counts a kernel's starts under one id. `repeat` is 0 except
    where a client used a msg_id again for a later request.
    """

    kernel_id: str
    incarnation: int
    msg_id: str
    repeat: int = 0

    @property
    def digest(self) -> str:
        """Eight hex digits that stand for the key in names."""
        text = f"{self.kernel_id}\n{self.incarnation}\n{self.msg_id}\n{self.repeat}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class ExecutionError:
    """The error that ended an execution, as the kernel told it."""

    name: str
    value: str
    traceback: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A line of metadata.json's `outputs`: one MIME type of one output."""

    type: str
    mime: str
    file: str
    bytes: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Output that is not kept: bytes of the streams; rich outputs and their bytes."""

    stdout: int = 0
    stderr: int = 0
    outputs: int = 0
    output_bytes: int = 0

    @property
    def bytes(self) -> int:
        return self.stdout + self.stderr + self.output_bytes

    def __bool__(self) -> bool:
        return self.bytes > 0

    def __add__(self, more: LeftOut) -> LeftOut:
        return LeftOut(*(a + b for a, b in zip(astuple(self), astuple(more), strict=True)))

    def __sub__(self, less: LeftOut) -> LeftOut:
        return LeftOut(*(a - b for a, b in zip(astuple(self), astuple(less), strict=True)))

    def to_json(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, int]) -> LeftOut:
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Input:
    """What a kernel asked a person by `input()`, and the answer: None where there is none.

    The answer to a `password` is never kept.
    """

    prompt: str
    value: str | None = None
    password: bool = field(kw_only=True)
    asked_at: datetime = field(kw_only=True)
    answered: bool = field(default=False, kw_only=True)

    def to_json(self) -> dict[str, Any]:
        return {
            "prompt": self.prompt,
            "value": self.value,
            "password": self.password,
            "at": to_iso(self.asked_at),
            "answered": self.answered,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Input:
        return cls(
            data["prompt"],
            data["value"],
            password=data["password"],
            asked_at=from_iso(data["at"]),
            answered=data["answered"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What is known of an execution besides its source and outputs.

    `number` counts from 1 within the session. `submitted_at` is the server's
    time of receipt, where it saw the request; `started_at` and `finished_at`
    are the kernel's. `tool`: sent with `store_history=False`.
    """

    key: ExecutionKey
    number: int
    session_id: str
    user_id: str | None
    kernel: Kernel
    notebook: str | None = None
    cell_id: str | None = None
    execution_count: int | None = None
    status: Status = Status.RUNNING
    cause: str | None = None
    error: ExecutionError | None = None
    submitted_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    usage: Usage = NOT_MEASURED
    inputs: tuple[Input, ...] = ()
    timing: CellTiming = NOT_TIMED
    outputs: tuple[OutputFile, ...] = ()
    tool: bool = False
    truncated: bool = False
    left_out: LeftOut | None = None
    recovered: bool = False
    client: str | None = None

    @property
    def folder(self) -> str:
        """Its folder in the ZIP's `executions/`, such as `execution_1_abc12345`."""
        return f"execution_{self.number}_{self.key.digest}"

    @property
    def executing_ms(self) -> float | None:
        """How long it ran, by the kernel's own clock where that told it."""
        if self.timing.executing_ms is not None:
            return self.timing.executing_ms
        return _milliseconds(self.started_at, self.finished_at)

    def to_json(self) -> dict[str, Any]:
        """Return metadata.json of the contract."""
        return {
            "id": self.key.digest,
            "number": self.number,
            "session_id": self.session_id,
            "user_id": self.user_id,
            "kernel": {
                "id": self.kernel.id,
                "name": self.kernel.name,
                "language": self.kernel.language,
                "file_extension": self.kernel.file_extension,
                "incarnation": self.key.incarnation,
            },
            "msg_id": self.key.msg_id,
            "repeat": self.key.repeat,
            "notebook": self.notebook,
            "cell_id": self.cell_id,
            "execution_count": self.execution_count,
            "status": self.status.value,
            "cause": self.cause,
            "error": None
            if self.error is None
            else {
                "name": self.error.name,
                "value": self.error.value,
                "traceback": list(self.error.traceback),
            },
            "submitted_at": to_iso_or_none(self.submitted_at),
            "started_at": to_iso_or_none(self.started_at),
            "finished_at": to_iso_or_none(self.finished_at),
            "timing_ms": self._timing(),
            "execution": self._moments(),
            "resources": self.usage.to_json(),
            "input": [one.to_json() for one in self.inputs],
            "outputs": [
                {"type": o.type, "mime": o.mime, "file": o.file, "bytes": o.bytes}
                for o in self.outputs
            ],
            "tool": self.tool,
            "truncated": self.truncated,
            "left_out": None if self.left_out is None else self.left_out.to_json(),
            "recovered": self.recovered,
            "client": self.client,
        }

    def _moments(self) -> dict[str, str]:
        """Return the times that JupyterLab keeps in a cell's metadata, by its names."""
        known = {"iopub.status.busy": self.started_at, "iopub.status.idle": self.finished_at}
        return {name: to_iso(time) for name, time in known.items() if time is not None}

    def _timing(self) -> dict[str, float | None]:
        """Return `timing_ms`: the contract's three, and what was measured besides."""
        measured, cpu_ms, executing = self.timing, self.usage.cpu_ms, self.executing_ms
        waiting = None
        if executing is not None and cpu_ms is not None:
            waiting = round(max(0.0, executing - cpu_ms), 3)
        more = {
            "importing": measured.importing_ms,
            "waiting": waiting,
            "gc": measured.gc_ms,
            "output": measured.output_ms,
            "delayed": measured.delayed_ms,
        }
        return {
            "queued": _milliseconds(self.submitted_at, self.started_at),
            "executing": executing,
            "total": _milliseconds(self.submitted_at or self.started_at, self.finished_at),
            **{name: value for name, value in more.items() if value is not None},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Execution:
        """Read what `to_json` wrote. Raises KeyError, ValueError or TypeError on another layout."""
        kernel, error = data["kernel"], data["error"]
        return cls(
            key=ExecutionKey(kernel["id"], kernel["incarnation"], data["msg_id"], data["repeat"]),
            number=data["number"],
            session_id=data["session_id"],
            user_id=data["user_id"],
            kernel=Kernel(
                kernel["id"], kernel["name"], kernel["language"], kernel["file_extension"]
            ),
            notebook=data["notebook"],
            cell_id=data["cell_id"],
            execution_count=data["execution_count"],
            status=Status(data["status"]),
            cause=data["cause"],
            error=None
            if error is None
            else ExecutionError(error["name"], error["value"], tuple(error["traceback"])),
            submitted_at=from_iso_or_none(data["submitted_at"]),
            started_at=from_iso_or_none(data["started_at"]),
            finished_at=from_iso_or_none(data["finished_at"]),
            usage=Usage.from_json(data["resources"]),
            inputs=tuple(Input.from_json(one) for one in data["input"]),
            timing=_timing_of(data),
            outputs=tuple(OutputFile(**o) for o in data["outputs"]),
            tool=data["tool"],
            truncated=data["truncated"],
            left_out=None if data["left_out"] is None else LeftOut.from_json(data["left_out"]),
            recovered=data["recovered"],
            client=data["client"],
        )


def _timing_of(data: dict[str, Any]) -> CellTiming:
    """Read what the kernel measured; `executing` is none of that where it was worked out."""
    told = {f"{name}_ms": value for name, value in data["timing_ms"].items()}
    start, end = from_iso_or_none(data["started_at"]), from_iso_or_none(data["finished_at"])
    if told["executing_ms"] == _milliseconds(start, end):
        told["executing_ms"] = None
    return CellTiming.from_json(told)


def _milliseconds(start: datetime | None, end: datetime | None) -> float | None:
    """Milliseconds from start to end; never negative, as clocks may be set back."""
    if start is None or end is None:
        return None
    return round(max(0.0, (end - start).total_seconds() * 1000), 3)
