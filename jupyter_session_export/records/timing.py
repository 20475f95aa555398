"""Where the time of a workflow went: stage by stage, and in shares that add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .usage import METADATA, figure

INITIALIZING, CONNECTING, UPLOADING, INSTALLING, EXECUTING, DOWNLOADING = (
    "initializing",
    "connecting",
    "uploading",
    "installing",
    "executing",
    "downloading",
)
COMPLETED, FAILED = "completed", "failed"
"""The stages of a workflow in their usual order, and its two ends."""
STEPS = 6400
"""Shares are multiples of 1/64 of a percent: floats add those without rounding."""


@dataclass(frozen=True, slots=True)
class StageTiming:
    """One stretch of a workflow, in seconds; `start` counts from the workflow's beginning.

    `percent` is how much of this stage is done, None where nobody tells. `details` are JSON.
    """

    stage: str
    start: float
    elapsed: float
    percent: float | None = None
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "start": round(self.start, 6),
            "elapsed": round(self.elapsed, 6),
            "percent": self.percent,
            "message": self.message,
            "details": dict(self.details),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StageTiming:
        """Read what `to_json` wrote. Raises KeyError, ValueError or TypeError on another layout."""
        percent = data["percent"]
        return cls(
            str(data["stage"]),
            float(data["start"]),
            float(data["elapsed"]),
            None if percent is None else float(percent),
            str(data["message"]),
            dict(data["details"]),
        )


@dataclass(frozen=True, slots=True)
class Timing:
    """The stages of a workflow in the order in which they came; one may come more than once."""

    stages: tuple[StageTiming, ...] = ()

    @property
    def total(self) -> float:
        """Seconds from the beginning of the first stage to the end of the last."""
        return self.stages[-1].start + self.stages[-1].elapsed if self.stages else 0.0

    @property
    def per_stage(self) -> dict[str, float]:
        """Seconds in each stage, in the order in which they first came."""
        seconds: dict[str, float] = {}
        for each in self.stages:
            seconds[each.stage] = seconds.get(each.stage, 0.0) + each.elapsed
        return seconds

    @property
    def distribution(self) -> dict[str, float]:
        """The percentage of each stage; they add to exactly 100, or are 0 where no time passed."""
        return shares(self.per_stage)

    def to_json(self) -> dict[str, Any]:
        return {
            "total": round(self.total, 6),
            "per_stage": {stage: round(seconds, 6) for stage, seconds in self.per_stage.items()},
            "distribution": self.distribution,
            "stages": [each.to_json() for each in self.stages],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Timing:
        """Read what `to_json` wrote. Raises KeyError, ValueError or TypeError on another layout."""
        return cls(tuple(StageTiming.from_json(each) for each in data["stages"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class CellTiming:
    """What a kernel measured of an execution's time, in milliseconds; None where it didn't.

    `executing_ms` is by a clock that nobody sets, `importing_ms` for cold imports, `gc_ms` for
    collecting garbage, and `output_ms` the processor's time of the thread that sends output.
    `delayed_ms` is for how long there was no processor for it.
    """

    executing_ms: float | None = None
    importing_ms: float | None = None
    gc_ms: float | None = None
    output_ms: float | None = None
    delayed_ms: float | None = None

    def to_json(self) -> dict[str, float]:
        """Return what was measured."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def by(cls, metadata: Mapping[str, Any]) -> CellTiming | None:
        """Read a message's metadata, which any code in the kernel may have written."""
        told = metadata.get(METADATA)
        data = told.get(TIMING) if isinstance(told, dict) else None
        return cls.from_json(data) if isinstance(data, dict) else None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CellTiming:
        """Read what `to_json` wrote; what is no figure counts as not measured."""
        return cls(**{name: figure(data.get(name)) for name in cls.__slots__})


NOT_TIMED = CellTiming()
TIMING = "timing"
"""Where a kernel's figures have what `CellTiming.to_json` returns."""


def shares(amounts: Mapping[str, float]) -> dict[str, float]:
    """Return the percentage of each amount by the method of the largest remainder.

    The percentages add to exactly 100; all are 0 where the amounts are. No amount is negative.
    """
    whole = sum(amounts.values())
    if whole <= 0:
        return dict.fromkeys(amounts, 0.0)
    exact = {name: STEPS * (amount / whole) for name, amount in amounts.items()}
    steps = {name: int(value) for name, value in exact.items()}
    by_rest = sorted(exact, key=lambda name: steps[name] - exact[name])
    for name in by_rest[: STEPS - sum(steps.values())]:
        steps[name] += 1
    return {name: 100 * count / STEPS for name, count in steps.items()}
