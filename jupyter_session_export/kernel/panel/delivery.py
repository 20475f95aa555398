"""An export that the panel was asked for: a thread of its own carries it out."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable
from typing import Any

from ...client.delivery import Delivered
from ...client.job import Progress
from ...client.wording import problem_line
from ...errors import CancelledByUser, SessionExportError
from ..order import Order


class PanelExport:
    """`changed` is called when it gets on; then one of `delivered` and `problem` is set."""

    def __init__(self, order: Order, changed: Callable[[], object]) -> None:
        self._order = order
        self._changed = changed
        self._cancelled = False
        self._thread: threading.Thread | None = None
        self.progress: Progress | None = None
        self.delivered: Delivered | None = None
        self.problem: str | None = None

    @property
    def is_over(self) -> bool:
        return self.delivered is not None or self.problem is not None

    @property
    def is_cancelled(self) -> bool:
        """Whether it is to end without a ZIP."""
        return self._cancelled

    def start(self) -> None:
        """Begin; where there is no thread to be had, that is its end."""
        run = contextvars.copy_context().run
        thread = threading.Thread(
            target=run, args=(self._run,), name="session-export-panel-export", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            self.problem = f"{error}."
            return
        self._thread = thread

    def cancel(self) -> None:
        """End it, as soon as the next piece has come."""
        self._cancelled = True
        self._changed()

    def join(self, seconds: float) -> None:
        """Wait for its end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self.delivered = self._order.carry_out(self._report)
        except SessionExportError as error:
            self.problem = "Cancelled." if self._cancelled else problem_line(error)
        except Exception as error:
            logging.getLogger(__name__).exception("The panel's export failed.")
            self.problem = f"{type(error).__name__}: {error}"
        self._changed()

    def _report(self, progress: Any) -> None:
        if self._cancelled:
            raise CancelledByUser("The export was cancelled.")
        self.progress = progress
        self._changed()
