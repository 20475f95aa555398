"""What is known of the record, as the panel shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...insights.timeline import Run

ASKING, NOBODY, AWAY = "asking", "nobody", "away"
"""Nobody has answered yet; nobody records; who records doesn't answer any more."""
CHANGEABLE = frozenset({"on", "paused", "stopped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`state` is the recording's, `queued` how much waits for this kernel, None where unknown.

    `problem` is what the record was last asked for in vain, `said` what a click came to.
    """

    state: str = ASKING
    reason: str | None = None
    queued: int | None = None
    queue: tuple[str, ...] = ()
    insights: tuple[Mapping[str, Any], ...] | None = None
    others: tuple[Run, ...] = ()
    problem: str | None = None
    said: str | None = None
    busy: str | None = None

    @property
    def can_change(self) -> bool:
        """Whether the recording can be paused, resumed and purged."""
        return self.state in CHANGEABLE and self.busy is None
