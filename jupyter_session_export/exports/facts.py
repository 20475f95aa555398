"""What a record says of where its session ran."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..store.plan import RecordPlan

ENVIRONMENT = "environment"
"""The fact of a record that says what its server ran on."""


def environment_of(plan: RecordPlan) -> Mapping[str, Any]:
    """Return what the server noted of its interpreter, platform and packages."""
    return plan.facts.get(ENVIRONMENT) or {}
