"""An export that the panel carries out in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.client.delivery import Delivered
from jupyter_session_export.client.job import Progress
from jupyter_session_export.errors import DestinationUnwritable
from jupyter_session_export.kernel.panel.delivery import PanelExport
from jupyter_session_export.kernel.panel.words import export_html

DELIVERED = Delivered(Path("a.zip"), 10, 2, 1, 0)


class FakeOrder:
    """Reports a half, waits until it is told to go on, reports again, and delivers."""

    def __init__(self, error: Exception | None = None) -> None:
        self.goes_on = threading.Event()
        self.error = error

    def carry_out(self, report: Callable[[Progress], None]) -> Delivered:
        report(Progress("packing", 50.0, bytes_done=1000, bytes_total=2000))
        assert self.goes_on.wait(60)
        if self.error is not None:
            raise self.error
        report(Progress("packing", 100.0))
        return DELIVERED


def begun(order: Any) -> PanelExport:
    """Begin an export and wait until it has reported."""
    reported = threading.Event()
    export = PanelExport(order, reported.set)
    assert export_html(export) == "<p>Export: beginning …</p>"
    export.start()
    assert reported.wait(60)
    return export


def test_it_tells_how_far_it_is_and_what_came_of_it() -> None:
    """While it goes on nothing waits for it."""
    order = FakeOrder()
    export = begun(order)
    assert "50 % packing, 1.0 kB of 2.0 kB" in export_html(export)
    assert not export.is_over
    order.goes_on.set()
    export.join(60)
    assert export.delivered == DELIVERED
    assert export_html(export) == ""


def test_it_is_cancelled_with_the_next_piece() -> None:
    """And says nothing more than that."""
    order = FakeOrder()
    export = begun(order)
    export.cancel()
    assert export_html(export) == "<p>Export: cancelling …</p>"
    order.goes_on.set()
    export.join(60)
    assert export.problem == "Cancelled."
    assert "Cancelled." in export_html(export)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DestinationUnwritable("No room.", "Make some."), "No room. Make some."),
        (ZeroDivisionError("ours"), "ZeroDivisionError: ours"),
    ],
)
def test_how_it_failed_is_told(error: Exception, told: str) -> None:
    """Faults of ours, too."""
    order = FakeOrder(error)
    export = begun(order)
    order.goes_on.set()
    export.join(60)
    assert told in export_html(export)
    assert export_html(None) == ""


def test_without_a_thread_to_spare_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its problem is told, and it can be asked for again."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    order: Any = FakeOrder()
    export = PanelExport(order, lambda: None)
    export.start()
    assert export.is_over
    assert "start new thread" in export_html(export)
