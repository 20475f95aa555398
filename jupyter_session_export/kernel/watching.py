"""Has the kernel measure its executions and remember them."""

from __future__ import annotations

import os
from typing import Any

from .history import History


def watch(shell: Any) -> History | None:
    """Have what each execution uses measured, told and remembered, from now on; once.

    So it is known more exactly than it looks from outside. Return what remembers it, None
    where there is no kernel, or none that can be watched.
    """
    kernel: Any = getattr(shell, "kernel", None)
    session: Any = getattr(kernel, "session", None)
    # Windows counts otherwise; there, only samples from outside are had.
    if session is None or os.name != "posix":
        return None
    from .cell_usage import tell_usage  # noqa: PLC0415  # `resource` is POSIX's alone
    from .clocks import Clocks  # noqa: PLC0415  # needed by nobody else

    sender = getattr(getattr(kernel, "iopub_thread", None), "thread", None)
    return tell_usage(session, Clocks(sender))
