"""Watch debuggers: events as they come, and what a debugger knows whenever it stops.

A person at the same debugger comes first: we ask one thing at a time, only while
nobody else waits for an answer, and nothing once the program is told to go on.
"""

from __future__ import annotations

from .debuggers import Debuggers
from .traffic import DebugReply, DebugRequest

__all__ = ["DebugReply", "DebugRequest", "Debuggers"]
