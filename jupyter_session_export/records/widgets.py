"""The models of widgets, as an exported notebook shows them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from .purge import PurgeScope

VIEW = "application/vnd.jupyter.widget-view+json"
"""The MIME type of an output that shows a model."""
VIEW_SUFFIX = ".widget-view.json"
"""How the file of such an output ends."""
MOST_MODELS = 10_000
MOST_BYTES = 32 * 1024 * 1024
"""Of one session, and of one kernel; then the oldest go first."""
UNKNOWN = 0
"""Stands for an execution that isn't known; numbers count from 1."""


@dataclass(frozen=True, slots=True)
class WidgetModel:
    """One model as it stands.

    `document` is the JSON that `application/vnd.jupyter.widget-state+json` has of
    it. `executions` are the numbers of those that opened or changed it.
    """

    kernel_id: str
    id: str
    document: str
    executions: frozenset[int]
    changed_at: datetime


_REFERENCE = re.compile(r'"IPY_MODEL_([^"\\]+)"')


def references_in(document: str) -> list[str]:
    """Return the ids of the models that some JSON refers to."""
    return _REFERENCE.findall(document)


def is_meant(
    scope: PurgeScope, numbers: Collection[int], executions: Collection[int], changed_at: datetime
) -> bool:
    """Tell whether a model goes with a purge of these executions: if it may hold some of them."""
    if scope.is_all or (scope.since is not None and changed_at >= scope.since):
        return True
    return UNKNOWN in executions or any(number in executions for number in numbers)
