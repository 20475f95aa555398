"""Which widgets take the output of which executions for themselves.

An `Output` widget (and so `interact`) names the request whose messages it takes, until it
names none; a page shows them in the widget, and none of them in the cell's own outputs.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from .wire import Message

OUTPUT_MODEL = "OutputModel"
MOST_WIDGETS = 10_000


@dataclass(frozen=True, slots=True)
class Capture:
    """From here on a widget takes what the request `msg_id` puts out, or doesn't any more."""

    msg_id: str
    widget: str
    begins: bool


class Captures:
    """The output widgets of one kernel; the oldest are forgotten where there are too many."""

    def __init__(self) -> None:
        self._widgets: OrderedDict[str, str] = OrderedDict()

    def take(self, message: Message) -> list[Capture]:
        """Take a comm message of the kernel; return what it changes."""
        widget = str(message.content.get("comm_id"))
        state = _state(message.content)
        if message.type == "comm_open" and state.get("_model_name") == OUTPUT_MODEL:
            self._widgets[widget] = ""
            if len(self._widgets) > MOST_WIDGETS:
                self._widgets.popitem(last=False)
        before = self._widgets.get(widget)
        if before is None:
            return []
        after = "" if message.type == "comm_close" else str(state.get("msg_id", before))
        self._widgets[widget] = after
        if before == after:
            return []
        changes = [Capture(before, widget, begins=False), Capture(after, widget, begins=True)]
        return [change for change in changes if change.msg_id]


def _state(content: dict[str, Any]) -> dict[str, Any]:
    data = content.get("data")
    state = data.get("state") if isinstance(data, dict) else None
    return state if isinstance(state, dict) else {}
