"""The panel's widgets: what there is, and what shows of it."""

from __future__ import annotations

import os
from typing import Any

from .delivery import PanelExport
from .parts import Answer, Choice, Html, Push, Row
from .standing import AWAY, NOBODY, Standing
from .style import STYLE

SHOWN, HIDDEN = None, "none"
PURGES = {
    "what ran in the last 10 minutes": "recent",
    "all of this session": "all",
}
PURGE_NOTEBOOK = {"what this notebook ran": "notebook"}


class Layout:
    """Made once, in the cell that shows the panel; later only values change."""

    def __init__(self) -> None:
        self.style = Html(STYLE)
        self.state = Html()
        self.now = Html()
        self.export_button = Push(description="Export", button_style="primary", icon="download")
        self.export_button.tooltip = "Write all of this session into one ZIP beside the notebook"
        self.cancel_button = Push(description="Cancel export")
        self.record_button = Push(description="Pause")
        self.purge_button = Push(description="Purge …")
        self.purge_button.tooltip = "Take back what was recorded; asks first"
        self.export = Html()
        self.answer = Answer()
        self.choice = Choice(options=_purges(), description="Remove")
        self.choice.style.description_width = "auto"
        self.confirm_button = Push(description="Remove for good", button_style="danger")
        self.keep_button = Push(description="Keep it")
        self.confirm = Row([self.choice, self.confirm_button, self.keep_button])
        self.confirm.layout.display = HIDDEN
        self.timeline = Html()
        self.session = Html()
        self.slowest = Html()
        self.curves = Html()
        self.insights = Html()
        buttons = Row(
            [self.export_button, self.cancel_button, self.record_button, self.purge_button]
        )
        self.children = [
            self.style,
            self.state,
            self.now,
            buttons,
            self.confirm,
            self.export,
            self.answer,
            self.timeline,
            self.session,
            self.slowest,
            self.curves,
            self.insights,
        ]

    def show_buttons(self, standing: Standing, export: PanelExport | None) -> None:
        """Show what can be done now."""
        exporting = export is not None and not export.is_over
        self.export_button.disabled = exporting or standing.state in (NOBODY, AWAY)
        _show(self.cancel_button, exporting)
        self.cancel_button.disabled = export is not None and export.is_cancelled
        paused = standing.state in ("paused", "stopped")
        self.record_button.description = "Resume" if paused else "Pause"
        self.record_button.disabled = not standing.can_change
        self.purge_button.disabled = not standing.can_change

    def ask_back(self, asking: bool) -> None:
        """Ask whether to purge, and what; or don't any more."""
        _show(self.confirm, asking)
        if asking:
            self.keep_button.focus()

    def close(self) -> None:
        """Close all widgets that aren't closed."""
        for widget in (*self.confirm.children, *self.buttons_and_parts()):
            widget.close()

    def buttons_and_parts(self) -> list[Any]:
        buttons = [self.export_button, self.cancel_button, self.record_button, self.purge_button]
        return [*buttons, *self.children]


def _purges() -> list[tuple[str, str]]:
    """Return labels and values in pairs, since ipywidgets 8.0.0 takes no mapping."""
    offered = {**(PURGE_NOTEBOOK if os.environ.get("JPY_SESSION_NAME") else {}), **PURGES}
    return list(offered.items())


def _show(widget: Any, shown: bool) -> None:
    widget.layout.display = SHOWN if shown else HIDDEN
