"""`%session_panel`: the panel of this kernel, or its text where there is no page."""

from __future__ import annotations

import sys
from typing import Any

from IPython.display import display

from .panel import SessionPanel

NO_KERNEL = "This is no Jupyter kernel: nothing is recorded here.\n"

_panel: SessionPanel | None = None


def run(shell: Any) -> None:
    """Show this kernel's panel, the same one each time for as long as it is open."""
    global _panel  # noqa: PLW0603  # one for each process
    if getattr(shell, "kernel", None) is None:
        sys.stdout.write(NO_KERNEL)
        return
    if _panel is None or not _panel.is_open:
        _panel = SessionPanel()
    _show(_panel)


_show: Any = display  # IPython annotates none of its functions
