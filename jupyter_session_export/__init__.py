"""The flight recorder of Jupyter: every session recorded, taken away as one verified ZIP."""

from __future__ import annotations

import gc
from importlib import import_module

# typing's own would have each program import typing, which takes five times as long as all this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .kernel.api import export_session
    from .kernel.cleanup import cleanup_old_sessions
    from .kernel.extension import load_ipython_extension
    from .kernel.panel import SessionPanel
    from .kernel.readings import log_reading, register_device
    from .kernel.session_files import session_files
    from .sessions.async_session import AsyncSession
    from .sessions.session import Session

__version__ = "0.1.0"
__all__ = [
    "AsyncSession",
    "Session",
    "SessionPanel",
    "cleanup_old_sessions",
    "export_session",
    "load_ipython_extension",
    "log_reading",
    "register_device",
    "session_files",
]

# Every kernel and server imports this package: what is heavy waits until it is asked for.
_HOMES = {
    "SessionPanel": ".kernel.panel",
    "AsyncSession": ".sessions.async_session",
    "Session": ".sessions.session",
    "cleanup_old_sessions": ".kernel.cleanup",
    "export_session": ".kernel.api",
    "load_ipython_extension": ".kernel.extension",
    "log_reading": ".kernel.readings",
    "register_device": ".kernel.readings",
    "session_files": ".kernel.session_files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # All that is loaded stays: collections meanwhile take a twelfth of the time, and find nothing.
    collects = gc.isenabled()
    gc.disable()
    try:
        app = import_module(".server.app", __name__).SessionExportApp
    finally:
        if collects:
            gc.enable()
    return [{"module": __name__, "app": app}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-session-export"}]
