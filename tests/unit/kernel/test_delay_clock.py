"""How long a thread had no processor."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from jupyter_session_export.kernel import delay_clock as module
from jupyter_session_export.kernel.delay_clock import DelayClock


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DelayClock:
    """One that reads a file of a test."""
    path = tmp_path / "schedstat"
    path.write_text("5000000000 2500000000 12\n")
    monkeypatch.setattr(module, "Path", lambda _: path)
    return DelayClock()


def test_it_is_the_second_figure(clock: DelayClock) -> None:
    """In nanoseconds, by proc(5)."""
    assert clock.seconds == 2.5
    clock.close()
    assert clock.seconds is None


def test_of_other_threads_nothing_is_known(clock: DelayClock) -> None:
    """Its file is that of the thread that made it."""
    found: list[float | None] = []
    other = threading.Thread(target=lambda: found.append(clock.seconds))
    other.start()
    other.join()
    assert found == [None]
    clock.close()


def test_a_file_that_a_cell_closed_tells_nothing(clock: DelayClock) -> None:
    """Nor one that has its number by then."""
    os.close(clock._file)
    assert clock.seconds is None


def test_a_system_that_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has no such file, or another one."""
    monkeypatch.setattr(module, "Path", lambda _: tmp_path / "none")
    assert DelayClock().seconds is None
    (tmp_path / "other").write_text("no figures")
    monkeypatch.setattr(module, "Path", lambda _: tmp_path / "other")
    clock = DelayClock()
    file = clock._file
    assert clock.seconds is None
    os.close(file)
