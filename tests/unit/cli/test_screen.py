from __future__ import annotations

import io

from jupyter_session_export.cli.screen import ProgressLine, Screen
from jupyter_session_export.client.job import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_columns_are_aligned() -> None:
    """Without blanks at the end of lines."""
    screen = Screen(io.StringIO(), io.StringIO())
    screen.table(("A", "LONG"), [("first", "1"), ("x", "2")])
    assert screen.out.getvalue() == "A      LONG\nfirst  1\nx      2\n"  # type: ignore[attr-defined]


def test_what_the_terminal_cannot_write_is_escaped() -> None:
    """A lone surrogate or another alphabet is no reason to fail."""
    raw = io.BytesIO()
    screen = Screen(io.TextIOWrapper(raw, "ascii"), io.StringIO())
    screen.line("é \ud800")
    screen.out.flush()
    assert raw.getvalue() == b"\\xe9 \\ud800\n"


def test_progress_is_one_line_on_a_terminal() -> None:
    """It is erased when there is a result to write."""
    err = Terminal()
    with ProgressLine(Screen(io.StringIO(), err)) as line:
        line.report(Progress("sealing", 50.0))
    assert "sealing" in err.getvalue()
    assert err.getvalue().endswith("\r\x1b[K")


def test_progress_is_nothing_in_a_file() -> None:
    """Logs of cron jobs stay readable."""
    err = io.StringIO()
    with ProgressLine(Screen(io.StringIO(), err)) as line:
        line.report(Progress("sealing", 50.0))
    assert err.getvalue() == ""
