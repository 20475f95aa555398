"""Which executions of a kernel show something under a display id."""

from __future__ import annotations

from collections import OrderedDict

from ..records.execution import ExecutionKey

MOST_EXECUTIONS = 1000
"""So many of one display id, the newest, are written to when it is updated."""
MOST_SHOWN = 20_000
"""Of all display ids of one kernel."""


class Displays:
    """Forgets the display ids that nothing was shown under for longest."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, dict[ExecutionKey, None]] = OrderedDict()
        self._count = 0

    def show(self, display_id: str, key: ExecutionKey) -> None:
        """Note that an execution displays something under this id."""
        keys = self._shown.setdefault(display_id, {})
        self._shown.move_to_end(display_id)
        self._count += key not in keys
        keys[key] = None
        if len(keys) > MOST_EXECUTIONS:
            del keys[next(iter(keys))]
            self._count -= 1
        while self._count > MOST_SHOWN:
            _, forgotten = self._shown.popitem(last=False)
            self._count -= len(forgotten)

    def shown_by(self, display_id: str) -> list[ExecutionKey]:
        return list(self._shown.get(display_id, ()))

    def clear(self) -> None:
        self._shown.clear()
        self._count = 0
