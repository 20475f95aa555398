"""The widgets that the panel is made of; none of them gets into the record."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
from traitlets import Bool

MARK = "session_export"
"""What the recorder leaves out has this in its state."""


class Unrecorded(widgets.DOMWidget):  # type: ignore[misc]  # ipywidgets is not typed
    """A widget whose traffic the recorder leaves out, and that hears clicks while a cell runs."""

    session_export = Bool(True, read_only=True).tag(sync=True)

    def open(self) -> None:
        super().open()
        _hear_in_subshells(self.comm)


class Html(Unrecorded, widgets.HTML):  # type: ignore[misc]
    """Some HTML."""


class Push(Unrecorded, widgets.Button):  # type: ignore[misc]
    """A button."""


class Choice(Unrecorded, widgets.Dropdown):  # type: ignore[misc]
    """One of several."""


class Row(Unrecorded, widgets.HBox):  # type: ignore[misc]
    """Parts side by side, or one below the other where there is no room."""


class Column(Unrecorded, widgets.VBox):  # type: ignore[misc]
    """Parts one below the other."""


class Answer(Unrecorded, widgets.Output):  # type: ignore[misc]
    """What a page shows as it shows outputs: links there lead to the notebook's files."""


def _hear_in_subshells(comm: Any) -> None:
    """Leave it to the page in which subshell it is heard, if in any.

    ipykernel 7.4 sends what a page says to where the widget was last changed, which is
    where the cell runs that made it: a click on Cancel would wait for its end.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _where_it_was_sent


def _where_it_was_sent(_: Any, subshell_id: str | None) -> str | None:
    return subshell_id
