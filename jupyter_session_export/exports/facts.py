"""What a record says of where its session ran."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records.session import ENVIRONMENT
from ..store.plan import RecordPlan


def environment_of(plan: RecordPlan) -> Mapping[str, Any]:
    """Return what the server noted of its interpreter, platform and packages."""
    return plan.facts.get(ENVIRONMENT) or {}
