"""`%session_recording` in a real kernel."""

from __future__ import annotations

import pytest

from jupyter_session_export.records.times import from_iso, now
from tests.unit.client.fake_server import Running
from tests.unit.kernel.real_kernel import RealKernel


def test_recording_is_paused_and_resumed(kernel: RealKernel, server: Running) -> None:
    """One line says how it stands, and how to go on."""
    paused = kernel.run("%session_recording pause")
    assert paused.text("stdout").startswith("Recording is paused")
    assert "%session_recording on" in paused.text("stdout")
    assert kernel.run("%session_recording on").text("stdout") == "Recording is on.\n"
    assert server.script.bodies == [{"state": "paused"}, {"state": "on"}]


def test_a_purge_asks_nothing_but_what(kernel: RealKernel, server: Running) -> None:
    """All, this notebook, or since a time; it says how much went."""
    run = kernel.run("%session_recording purge --all")
    assert run.text("stdout") == "2 executions purged, 1.5 kB.\n"
    kernel.run("%session_recording purge --notebook")
    kernel.run("%session_recording purge --since 10m")
    everything, notebook, since = server.script.purges
    assert everything == {"scope": "all"}
    assert notebook["notebook"].endswith("/plots.ipynb")
    assert 600 <= (now() - from_iso(since["since"])).total_seconds() < 660
    server.script.held = True
    assert "Another program" in kernel.run("%session_recording purge --all").text("stdout")


@pytest.mark.parametrize(
    "line", ["", "off", "purge", "purge --all --notebook", "purge --since", "purge --since soon"]
)
def test_a_mistake_is_one_line(kernel: RealKernel, server: Running, line: str) -> None:
    """Nothing is purged by it, and the cell doesn't fail."""
    run = kernel.run(f"%session_recording {line}")
    assert run.status == "ok"
    assert run.text("stderr").endswith("[INVALID_REQUEST]\n")
    assert run.text("stderr").count("\n") == 1
    assert server.script.purges == []


def test_help_is_no_mistake(kernel: RealKernel, server: Running) -> None:
    """It is printed, and nothing is done."""
    assert "purge" in kernel.run("%session_recording --help").text("stdout")
    assert "--since" in kernel.run("%session_recording purge --help").text("stdout")
    assert server.script.requests == []
