"""The widgets of one session: folded as their messages come, written when something commits.

So a progress bar that moves 10,000 times in a cell is written twice a second. Only the
recorder's thread calls it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ..records.purge import PurgeScope
from ..records.widgets import is_meant
from .sink import Sink
from .widgets import WidgetFold
from .wire import Message


class Comms:
    """A fold for each kernel."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._folds: dict[str, WidgetFold] = {}

    def take(self, kernel_id: str, message: Message, execution: int | None, at: datetime) -> None:
        """Take a comm message, of the kernel or of a front end."""
        fold = self._folds.get(kernel_id)
        if fold is None:
            fold = self._folds[kernel_id] = WidgetFold(kernel_id)
        fold.take(message, execution, at)

    def flush(self) -> None:
        """Write what has changed. Raises StoreError; it is written again then."""
        for fold in self._folds.values():
            changed, gone = fold.changes()
            if changed or gone:
                self._sink.write_widgets(changed, [(fold.kernel_id, id_) for id_ in gone])
                fold.note_written()

    def note_lost(self) -> None:
        """Note that the store may have lost what was written."""
        for fold in self._folds.values():
            fold.note_lost()

    def forget(self, scope: PurgeScope, numbers: Collection[int]) -> None:
        """Forget the models that a purge means, as the sink does."""
        for fold in self._folds.values():
            for id_, model in list(fold.models.items()):
                if model.changed_at is None or is_meant(
                    scope, numbers, model.executions, model.changed_at
                ):
                    fold.forget(id_)
        self._sink.forget_widgets(scope, numbers)

    def release(self, kernel_id: str) -> None:
        """Let go of a kernel that is gone, when all is written."""
        self.flush()
        self._folds.pop(kernel_id, None)
