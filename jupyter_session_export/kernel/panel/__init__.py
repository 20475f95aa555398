"""The live panel: what this session is doing, where its time goes, and what to change."""

from .panel import SessionPanel

__all__ = ["SessionPanel"]
