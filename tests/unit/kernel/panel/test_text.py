"""The panel as text, which gets into the record."""

from __future__ import annotations

from jupyter_session_export.kernel.panel.standing import Standing
from jupyter_session_export.kernel.panel.text import summary
from tests.unit.kernel.panel.ended import run

FINDING = {
    "code": "WAITING",
    "what": "Execution 1 (secret()) waited 2 s of 2 s.",
    "advice": "Wait for secret() at once.",
    "saving_seconds": 2.0,
    "confidence": "medium",
}


def test_it_says_how_things_stand_in_figures() -> None:
    """State, counts, times, and what could be saved."""
    standing = Standing(state="on", queued=2, insights=(FINDING,))
    assert summary(standing, [run(1, seconds=2.0), run(2, seconds=3.0)]).splitlines() == [
        "Session: Recorded",
        "2 executions, 5.0 s in all",
        "Waiting: 2 cells",
        "The longest took 3.0 s",
        "* WAITING, could save 2.0 s (medium)",
    ]


def test_it_quotes_no_code() -> None:
    """What ran in a pause must not get into the record by way of it."""
    standing = Standing(state="on", queue=("secret()",), queued=1, insights=(FINDING,))
    assert "secret" not in summary(standing, [run(1, head="secret()")])
