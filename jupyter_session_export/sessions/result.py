"""What came of a run: values that stay when the session is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import RunFailed, RunTimedOut
from ..records.finding import Finding
from ..records.timing import Timing

OK, FAILED, TIMED_OUT, INTERRUPTED = 0, 1, 124, 130
"""Exit codes, as shells and `timeout` have them; a signal's number is added to 128."""
GIB = 2**30


@dataclass(frozen=True, slots=True)
class RunError:
    """The error that ended the code: the kernel's own, or `TimeoutError`, `KernelDied`."""

    name: str
    value: str
    traceback: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.value}" if self.value else self.name


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run, or all runs of a session, used; None is what nobody could measure."""

    wall_seconds: float = 0.0
    cpu_seconds: float | None = None
    gib_seconds: float | None = None

    def __add__(self, more: Cost) -> Cost:
        return Cost(
            self.wall_seconds + more.wall_seconds,
            _sum(self.cpu_seconds, more.cpu_seconds),
            _sum(self.gib_seconds, more.gib_seconds),
        )

    def to_json(self) -> dict[str, float | None]:
        return {
            "wall_seconds": round(self.wall_seconds, 6),
            "cpu_seconds": self.cpu_seconds,
            "gib_seconds": self.gib_seconds,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """`text` is that of the last result or display, `outputs` are in nbformat's form, folded as
    a notebook would show them. `files` has where each downloaded file is now. `left_out` counts
    bytes of output that were too many to be kept here; the session's record has them.
    """

    session_id: str
    number: int
    text: str = ""
    stdout: str = ""
    stderr: str = ""
    outputs: Sequence[Mapping[str, Any]] = ()
    error: RunError | None = None
    exit_code: int = OK
    execution_count: int | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    timing: Timing = field(default_factory=Timing)
    cost: Cost = field(default_factory=Cost)
    left_out: int = 0
    look: Callable[[], tuple[Finding, ...]] = field(default=tuple, repr=False, compare=False)

    @property
    def success(self) -> bool:
        """Whether the code ran to its end without an error."""
        return self.error is None

    @property
    def timed_out(self) -> bool:
        return self.exit_code == TIMED_OUT

    @property
    def insights(self) -> tuple[Finding, ...]:
        """What could be better about this run, worked out when it is asked for."""
        return self.look()

    def require_success(self) -> RunResult:
        """Return it, or raise RunFailed (RunTimedOut) where the code has failed."""
        if self.error is None:
            return self
        kind = RunTimedOut if self.timed_out else RunFailed
        raise kind(str(self.error), "\n".join(self.error.traceback) or None)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; any thread may, and what its insights are takes a while."""
        error = self.error
        return {
            "session_id": self.session_id,
            "number": self.number,
            "success": self.success,
            "text": self.text,
            "stdout": self.stdout,
            "stderr": self.stderr,
            "outputs": list(self.outputs),
            "error": None
            if error is None
            else {"name": error.name, "value": error.value, "traceback": list(error.traceback)},
            "exit_code": self.exit_code,
            "execution_count": self.execution_count,
            "files": {name: str(path) for name, path in self.files.items()},
            "timing": self.timing.to_json(),
            "cost": self.cost.to_json(),
            "left_out": self.left_out,
            "insights": [finding.to_json() for finding in self.insights],
        }


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other
