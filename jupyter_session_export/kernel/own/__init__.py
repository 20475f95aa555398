"""A kernel's own recording, where no Jupyter server records it; kernels load this at start."""

from __future__ import annotations

import os
from typing import Any

from .decision import records_itself
from .recorder import OwnRecorder

_own: OwnRecorder | None = None


def begin(shell: Any) -> None:
    """Record from the first execution on, where nobody else does; once for each process."""
    global _own  # noqa: PLW0603  # one for each process
    if _own is not None or not _can_be_tapped(shell) or not records_itself(os.environ):
        return
    _own = OwnRecorder(shell)
    _own.tap.install()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=_own.before_fork, after_in_parent=_own.after_fork, after_in_child=_forget
        )


def own_recorder() -> OwnRecorder | None:
    """Return what records this kernel, where that is the kernel itself."""
    return None if _own is None or _own.is_over else _own


def _can_be_tapped(shell: Any) -> bool:
    kernel = getattr(shell, "kernel", None)
    file = getattr(getattr(kernel, "parent", None), "connection_file", None)
    return bool(file) and hasattr(kernel, "session") and hasattr(kernel, "iopub_thread")


def _forget() -> None:
    if _own is not None:
        _own.forget()
