"""What a run tells while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..records.timing import StageTiming

if TYPE_CHECKING:
    from .result import RunResult


@dataclass(frozen=True, slots=True)
class Stdout:
    """Text on standard output, as it came."""

    text: str


@dataclass(frozen=True, slots=True)
class Stderr:
    """Text on standard error, as it came."""

    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """A result, a display or an error, in nbformat's form."""

    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """The stage that the run is in, and how far that is."""

    stage: StageTiming


@dataclass(frozen=True, slots=True)
class Missed:
    """So many bytes came faster than they were taken, and are not told; the record has them."""

    bytes: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of the run; nothing comes after it."""

    result: RunResult


Event = Stdout | Stderr | Output | Progress | Missed | Finished
