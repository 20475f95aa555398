"""What a real debugger knew is in the export, and its person noticed nothing."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.recording.debugging.capture import NOTHING_STOPPED
from jupyter_session_export.recording.debugging.pace import SLOW, WENT_ON
from tests.debugger import DebugSocket
from tests.exporting import export
from tests.servers import RunningServer
from tests.waiting import wait_until

DEEP = """\
import pandas as pd
def deep(n):
    local = [n] * 3
    if n == 0:
        table = pd.DataFrame({"column": ["value in a table"]})
        return n
    return deep(n - 1)
"""
CALL = "outer = 'a global'\nresult = deep(9)\n"
STEPS = "planted = 'planted secret'\ntotal = 0\nfor i in range(6):\n    total += i\nprint(total)\n"


@pytest.fixture(scope="module")
def server(server_with_bash: RunningServer) -> RunningServer:
    """A server that knows Bash, too."""
    return server_with_bash


def debug_data(archive: zipfile.ZipFile, kernel_id: str) -> list[dict[str, Any]]:
    """Return the debug sessions of a kernel."""
    names = [name for name in archive.namelist() if name.endswith("/debug_data.json")]
    all_data = [json.loads(archive.read(name)) for name in names]
    return [data for data in all_data if data["kernel"]["id"] == kernel_id]


def variables(scope: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {variable["name"]: variable for variable in scope["variables"]}


def stats(server: RunningServer) -> dict[str, int]:
    figures: dict[str, int] = server.api("GET", "session/stats").json()["debug"]
    return figures


def traces(server: RunningServer, text: str) -> list[Path]:
    files = [path for path in server.data_dir().rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


def test_stop_is_captured(server: RunningServer) -> None:
    """A stop has its stack with cells and lines, variables, breakpoint and condition."""
    kernel_id = server.start_kernel(path="debugged.ipynb")
    with DebugSocket(server, kernel_id) as person:
        person.run(DEEP, cell_id="cell-deep")
        person.start()
        path = person.break_at(DEEP, 6, condition="n == 0")
        run = person.submit(CALL, cell_id="cell-call")
        thread = person.await_event("stopped")["body"]["threadId"]
        person.look(thread)
        archive = export(server)
        person.step("continue", thread)
        person.end_of(run)
        person.ask("disconnect", restart=False, terminateDebuggee=False)
        person.await_event("terminated")
    (data,) = debug_data(archive, kernel_id)
    assert data["notebook"] == "debugged.ipynb"
    assert data["info"]["isStarted"]
    assert data["info"]["stoppedThreads"]
    (point,) = data["breakpoints"]
    assert (point["path"], point["line"], point["condition"]) == (path, 6, "n == 0")
    assert (point["cell"]["cell_id"], point["verified"]) == ("cell-deep", True)
    assert "pandas" in data["modules"]
    assert {"initialized", "stopped"} <= {event["event"] for event in data["events"]}

    (stop,) = data["stops"]
    assert (stop["reason"], stop["cell"]["cell_id"]) == ("breakpoint", "cell-call")
    frames = stop["frames"]
    assert [frame["name"] for frame in frames] == ["deep"] * 10 + ["<module>"]
    assert [frame["line"] for frame in frames] == [6] + [7] * 9 + [2]
    assert {frame["cell"]["cell_id"] for frame in frames[:10]} == {"cell-deep"}
    assert frames[10]["cell"]["cell_id"] == "cell-call"
    folder = frames[0]["cell"]["folder"]
    assert archive.read(f"executions/{folder}/source.py").decode() == DEEP
    # How far it got in two seconds depends on what else the machine does.
    local = variables(frames[0]["scopes"][0])
    assert (local["n"]["type"], local["n"]["value"]) == ("int", "0")
    if stop["incomplete"] is None:
        assert variables(frames[0]["scopes"][1])["outer"]["value"] == "'a global'"
        assert variables(frames[9]["scopes"][0])["local"]["value"] == "[9, 9, 9]"
        assert "value in a table" in local["table"]["rich"]["text/html"]
        assert [one["value"] for one in local["local"]["variables"]][:3] == ["0", "0", "0"]
    assert "session_1_" in archive.read("debug/README.txt").decode()
    figures = stats(server)
    assert figures["stops"] == 1
    assert figures["count"] == 1


def test_person_steps_as_if_alone(server: RunningServer) -> None:
    """Steps at any moment of a capture do what they should; what is missing is told."""
    kernel_id = server.start_kernel(path="stepped.ipynb")
    with DebugSocket(server, kernel_id) as person:
        person.start()
        person.break_at(STEPS, 2)
        run = person.submit(STEPS, cell_id="cell-steps")
        thread = person.await_event("stopped")["body"]["threadId"]
        stops = 1
        while not run.idle:
            person.step("next", thread)
            stops += 1
            # As a person's hand: before, in the midst of and after what we ask.
            time.sleep(0.03 * (stops % 7))
            if stops == 13:
                break
            person.await_event("stopped")
        person.step("continue", thread)
        person.end_of(run)
        person.ask("disconnect", restart=False, terminateDebuggee=False)
        person.await_event("terminated")
        assert person.run("print(total)").stream("stdout") == "15\n"
    (data,) = debug_data(export(server), kernel_id)
    recorded = data["stops"]
    assert len(recorded) >= 12
    assert [stop["number"] for stop in recorded] == list(range(1, len(recorded) + 1))
    assert {stop["reason"] for stop in recorded} == {"breakpoint", "step"}
    assert {stop["incomplete"] for stop in recorded} <= {None, WENT_ON, SLOW, NOTHING_STOPPED}
    assert data["end"] == "stopped by its user"
    assert data["ended_at"]


def test_values_are_their_owners_to_keep_or_not(server: RunningServer) -> None:
    """While recording is paused nothing is asked; a purge takes values of all stops along."""
    kernel_id = server.start_kernel(path="private.ipynb")
    before = stats(server)["stops"]
    with DebugSocket(server, kernel_id) as person:
        person.start()
        person.break_at(STEPS, 3)
        run = person.submit(STEPS)
        thread = person.await_event("stopped")["body"]["threadId"]
        wait_until(lambda: stats(server)["stops"] == before + 1)
        assert traces(server, "planted secret")
        paused = server.api("POST", "session/recording", json={"state": "paused"})
        assert paused.status_code == 200
        person.step("next", thread)
        person.await_event("stopped")
        on = server.api("POST", "session/recording", json={"state": "on"})
        assert on.status_code == 200
        purged = server.api("DELETE", "session/records", params={"scope": "all"})
        assert purged.status_code == 200, purged.text
        assert not traces(server, "planted secret")
        assert stats(server)["stops"] == 0
        with server.client() as client:
            client.post(f"api/kernels/{kernel_id}/restart").raise_for_status()
    (data,) = debug_data(export(server), kernel_id)
    assert (data["stops"], data["breakpoints"], data["info"]) == ([], [], None)
    assert data["truncated"]
    assert data["end"] == "restarted"
    assert not run.idle


def test_kernel_without_a_debugger_is_told_of(server: RunningServer) -> None:
    """bash_kernel names a debugger that never answers: it isn't asked, and a line says so."""
    kernel_id = server.start_kernel("bash", path="script.ipynb")
    with DebugSocket(server, kernel_id) as person:
        person.run("echo 1")
        person.send("initialize")
        summary = export(server).read("SESSION_SUMMARY.txt").decode()
    assert f"bash ({kernel_id[:8]}): it has no debugger" in summary
