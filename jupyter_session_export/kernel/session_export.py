"""`%session_export`: the session's ZIP, from within the notebook."""

from __future__ import annotations

import sys
from typing import Any

from ..client.wording import problem_line
from ..errors import SessionExportError
from .arguments import HelpShown, parse
from .display import ProgressDisplay, show_result
from .gateway import ask, runs_by_gateway
from .order import Order
from .origin import home_folder, running_execution


def run(shell: Any, line: str) -> None:
    """Export as the line says; a problem is one line on stderr, never a traceback."""
    try:
        arguments = parse(line)
        if runs_by_gateway():
            ask(shell, arguments)
            return
        _export(Order(**vars(arguments), asked_by=running_execution(shell)))
    except HelpShown:
        return
    except SessionExportError as error:
        sys.stderr.write(f"{problem_line(error)}\n")


def _export(order: Order) -> None:
    progress = ProgressDisplay()
    try:
        delivered = order.carry_out(progress.report)
    except KeyboardInterrupt:
        progress.close("Export cancelled.")
        sys.stderr.write("The export was cancelled; no file was written.\n")
    except SessionExportError:
        progress.close("Export failed.")
        raise
    else:
        progress.close("Session exported.")
        show_result(delivered, home_folder())
