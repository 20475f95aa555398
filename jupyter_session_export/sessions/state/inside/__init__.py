"""What runs in the kernel: its namespace to files, and back.

The kernel may be another interpreter, without this package: it loads this folder
by its path, as `NAME`. So nothing here imports anything but the standard library
and cloudpickle, which is given along.
"""

from __future__ import annotations

from .dumping import dump
from .loading import load

NAME = "_jupyter_session_export_state"
"""Pickles name the functions here by it."""

__all__ = ["NAME", "dump", "load"]
