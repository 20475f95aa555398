"""The folders of a ZIP, by which a client says what an export holds."""

from __future__ import annotations

SECTIONS = ("code", "executions", "debug", "logs", "recordings", "data", "outputs", "workspace")
"""In their order."""
DEFAULT_INCLUDE = frozenset(SECTIONS) - {"workspace"}
