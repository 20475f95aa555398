"""An export as the server tells it: the request, the job and its progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PREPARING = "preparing"
READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to export; None leaves the choice to the server.

    `path` is the notebook's, where `scope` is "notebook". `asked_by` is the execution
    (`{"kernel_id", "msg_id"}`) that asks, which stays out of the export; with `tools` it has
    what tools executed, too.
    """

    scope: str = "session"
    path: str | None = None
    include: Sequence[str] | None = None
    compression: str | None = None
    tools: bool = False
    session_id: str | None = None
    asked_by: Mapping[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the body of `POST exports`."""
        body = {
            "scope": self.scope,
            "path": self.path,
            "include": None if self.include is None else list(self.include),
            "compression": self.compression,
            "tools": True if self.tools else None,
            "session_id": self.session_id,
            "asked_by": None if self.asked_by is None else dict(self.asked_by),
        }
        return {name: value for name, value in body.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. `percent` is 0 to 100; `elapsed` and `remaining` are seconds."""

    stage: str
    percent: float
    entries_done: int = 0
    entries_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    elapsed: float = 0.0
    remaining: float | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Progress:
        """Read a job's `progress`. Raises KeyError, ValueError or TypeError on another layout."""
        remaining = data["remaining"]
        return cls(
            stage=str(data["stage"]),
            percent=float(data["percent"]),
            entries_done=int(data["entries_done"]),
            entries_total=int(data["entries_total"]),
            bytes_done=int(data["bytes_done"]),
            bytes_total=int(data["bytes_total"]),
            elapsed=float(data["elapsed"]),
            remaining=None if remaining is None else float(remaining),
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a job ended without a ZIP."""

    code: str
    message: str
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An export on the server. `bytes` is the ZIP's length, known once it is ready."""

    id: str
    session_id: str
    state: str
    filename: str
    bytes: int | None
    left_out: int
    progress: Progress
    error: Problem | None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Job:
        """Read `GET exports/{id}`. Raises KeyError, ValueError or TypeError on another layout."""
        size, error = data["bytes"], data["error"]
        return cls(
            id=str(data["id"]),
            session_id=str(data["session_id"]),
            state=str(data["state"]),
            filename=str(data["filename"]),
            bytes=None if size is None else int(size),
            left_out=int(data["left_out"] or 0),
            progress=Progress.from_json(data["progress"]),
            error=None
            if error is None
            else Problem(error["code"], error["message"], error.get("detail")),
        )
