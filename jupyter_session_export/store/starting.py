"""Which session a kernel that is being started belongs to, where that is known before."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .record import Record

starting: ContextVar[Record | None] = ContextVar("starting", default=None)
"""The record of the session whose kernel is being started; None where it has none."""
