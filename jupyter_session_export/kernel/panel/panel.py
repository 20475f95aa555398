"""`SessionPanel`: the widgets, and the threads that keep them up to date."""

from __future__ import annotations

import atexit
import time
import uuid
from datetime import timedelta
from html import escape
from typing import Any

from IPython.core.getipython import get_ipython

from ...records.times import now as utc_now
from ...records.times import to_iso
from ..display import result_data
from ..history import History
from ..order import Order
from ..origin import home_folder, notebook_path
from ..watching import watch
from .books import known_insights, open_book
from .delivery import PanelExport
from .desk import Desk
from .layout import Layout
from .parts import Column
from .pulse import Pulse
from .runs import Runs
from .sight import Sight
from .text import summary
from .words import export_html, insights_html, state_html

LEAVE_SECONDS = 2.0
TEXT_SECONDS = 2.0
"""How long the text version waits for what the record says."""
RECENT = timedelta(minutes=10)
WAIT_FOR_CELL = "Buttons are heard when the cell has ended: this kernel has no subshells."
STOPPED = "The panel has stopped: close it, and open another one."
NO_THREADS = "There is no thread to be had: the panel stays as it is."


class SessionPanel(Column):
    """What this session is doing, where its time goes and what to change, live.

    A widget as any other: its cell shows it, `display(panel)` shows it elsewhere, and
    `close()` ends it.
    """

    def __init__(self) -> None:
        shell = _current_shell()
        self._parts = Layout()
        super().__init__(self._parts.children)
        self.add_class("jse-panel")
        self._history = watch(shell) or History()
        self._sight = Sight(self._parts, self._history, uuid.uuid4().hex[:8], _hint(shell))
        self._pulse = Pulse(self._beat, self._tell_end)
        history = self._history
        self._desk = Desk(
            open_book(shell, history),
            history,
            self._pulse.ring,
            lambda: known_insights(shell, history),
        )
        self._export: PanelExport | None = None
        self._shown: PanelExport | None = None
        self._listen()
        self._beat()
        self._begin()

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.comm is not None and not self._pulse.is_over

    def close(self) -> None:
        """End it; an export that is under way ends, too."""
        self._leave()
        self._parts.close()
        super().close()

    def text(self) -> str:
        """Return in figures what it shows now; no code, since whoever prints it is recorded."""
        self._desk.first.wait(TEXT_SECONDS)
        runs = Runs(self._history)
        runs.refresh()
        return summary(self._desk.standing, runs.ended)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        data = super()._repr_mimebundle_(**options)
        # What shows no widgets shows this: consoles, and converted notebooks.
        data["text/plain"] = self.text()
        return data

    def _listen(self) -> None:
        parts = self._parts
        parts.export_button.on_click(lambda _: self._begin_export())
        parts.cancel_button.on_click(lambda _: self._cancel_export())
        parts.record_button.on_click(lambda _: self._change_recording())
        parts.purge_button.on_click(lambda _: parts.ask_back(asking=True))
        parts.keep_button.on_click(lambda _: parts.ask_back(asking=False))
        parts.confirm_button.on_click(lambda _: self._purge())
        atexit.register(self._leave)

    def _begin(self) -> None:
        self._history.listen(self._pulse.ring)
        try:
            self._desk.start()
            self._pulse.start()
        except RuntimeError:
            self._leave()
            self._parts.now.value = f"<p>{NO_THREADS}</p>"

    def _tell_end(self, error: Exception) -> None:
        """Say that nothing moves any more, rather than that something still runs."""
        self._leave()
        told = escape(f"{STOPPED} ({type(error).__name__})")
        self._parts.now.value = f'<p class="jse-bad" role="alert">{told}</p>'

    def _leave(self) -> None:
        """Stop the threads; the export, which writes a file, is waited for."""
        atexit.unregister(self._leave)
        self._history.forget(self._pulse.ring)
        self._pulse.stop()
        self._desk.close()
        if self._export is not None and not self._export.is_over:
            self._export.cancel()
            self._export.join(LEAVE_SECONDS)

    def _beat(self) -> float | None:
        """Show how things stand; return for how long the oldest cell runs."""
        if self.comm is None:
            self._leave()
            return None
        self._desk.note_change()
        standing, parts = self._desk.standing, self._parts
        parts.state.value = state_html(standing)
        parts.insights.value = insights_html(standing.insights)
        parts.show_buttons(standing, self._export)
        self._show_export()
        return self._sight.refresh(standing, time.perf_counter())

    def _show_export(self) -> None:
        export = self._export
        self._parts.export.value = export_html(export)
        if export is None or export is self._shown or export.delivered is None:
            return
        self._shown = export
        data = result_data(export.delivered, home_folder())
        self._parts.answer.outputs = (
            {"output_type": "display_data", "data": data, "metadata": {}},
        )

    def _begin_export(self) -> None:
        if self._export is not None and not self._export.is_over:
            return
        self._parts.answer.outputs = ()
        self._export = PanelExport(Order(), self._pulse.ring)
        self._export.start()
        self._pulse.ring()

    def _cancel_export(self) -> None:
        if self._export is not None:
            self._export.cancel()

    def _change_recording(self) -> None:
        self._desk.set_recording("paused" if self._desk.standing.state == "on" else "on")

    def _purge(self) -> None:
        self._parts.ask_back(asking=False)
        self._desk.purge(_scope(self._parts.choice.value))


def _scope(what: str) -> dict[str, Any]:
    if what == "all":
        return {"scope": "all"}
    if what == "notebook":
        return {"notebook": notebook_path()}
    return {"since": to_iso(utc_now() - RECENT)}


def _hint(shell: Any) -> str:
    """Return what to tell of buttons while a cell runs; nothing where they are heard."""
    kernel = getattr(shell, "kernel", None)
    info = getattr(kernel, "kernel_info", {})
    return "" if "kernel subshells" in info.get("supported_features", ()) else WAIT_FOR_CELL


_current_shell: Any = get_ipython  # IPython annotates none of its functions
