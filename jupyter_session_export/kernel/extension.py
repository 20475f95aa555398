"""What `%load_ext jupyter_session_export` does."""

from __future__ import annotations

import os
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..client.access import VARIABLE
from .magic import SessionMagics
from .own import begin, own_recorder
from .watching import watch

IOPUB_MESSAGES = 100_000
"""How many messages a recorded kernel may be ahead of whoever listens to it."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics. Kernels load this at their start, so it does little else."""
    shell.register_magics(SessionMagics)
    if VARIABLE in os.environ:
        _hold_more_messages(shell)
    begin(shell)
    if VARIABLE in os.environ or own_recorder() is not None:
        watch(shell)


def _hold_more_messages(shell: InteractiveShell) -> None:
    """Raise ZeroMQ's limit of 1,000, beyond which a busy machine silently loses output."""
    thread: Any = getattr(getattr(shell, "kernel", None), "iopub_thread", None)
    if thread is None:
        return

    def raise_limit() -> None:
        thread.socket.sndhwm = IOPUB_MESSAGES

    # Only the thread that owns a socket may touch it.
    thread.schedule(raise_limit)
