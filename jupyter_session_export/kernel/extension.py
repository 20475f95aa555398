"""What `%load_ext jupyter_session_export` does."""

from __future__ import annotations

import os
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..client.access import VARIABLE
from .magic import SessionMagics
from .own import begin, own_recorder

IOPUB_MESSAGES = 100_000
"""How many messages a recorded kernel may be ahead of whoever listens to it."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics. Kernels load this at their start, so it does little else."""
    shell.register_magics(SessionMagics)
    if VARIABLE in os.environ:
        _hold_more_messages(shell)
    begin(shell)
    if VARIABLE in os.environ or own_recorder() is not None:
        _tell_usage(shell)


def _tell_usage(shell: InteractiveShell) -> None:
    """Have the kernel say what each execution uses, more exactly than it looks from outside."""
    kernel: Any = getattr(shell, "kernel", None)
    session: Any = getattr(kernel, "session", None)
    # Windows counts otherwise; there, only samples from outside are had.
    if session is not None and os.name == "posix":
        from .cell_usage import tell_usage  # noqa: PLC0415  # `resource` is POSIX's alone
        from .clocks import Clocks  # noqa: PLC0415  # needed by nobody else

        sender = getattr(getattr(kernel, "iopub_thread", None), "thread", None)
        tell_usage(session, Clocks(sender))


def _hold_more_messages(shell: InteractiveShell) -> None:
    """Raise ZeroMQ's limit of 1,000, beyond which a busy machine silently loses output."""
    thread: Any = getattr(getattr(shell, "kernel", None), "iopub_thread", None)
    if thread is None:
        return

    def raise_limit() -> None:
        thread.socket.sndhwm = IOPUB_MESSAGES

    # Only the thread that owns a socket may touch it.
    thread.schedule(raise_limit)
