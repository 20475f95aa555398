"""What is recorded is bounded: by execution, by the quota, by the disk; and it recovers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.recording import recorder as recorder_module
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.workspaces.listing import bytes_below
from tests.exporting import executions, one_shot
from tests.integration.test_broken_store import recording, small_disk, warnings_in
from tests.kernel_socket import KernelSocket
from tests.servers import running_server
from tests.unit.recording.feed import FedKernel
from tests.waiting import wait_until

KIB = 1024


def test_both_ends_of_a_flood_are_in_the_zip(tmp_path: Path) -> None:
    """Text and outputs are cut in the middle, and every place of the ZIP tells of it."""
    arguments = [f"--SessionExport.max_execution_output_bytes={256 * KIB}"]
    with running_server(tmp_path, arguments=arguments) as server:
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("for i in range(200_000): print(f'{i:09}')")
            kernel.run(
                "from IPython.display import display\n"
                "for i in range(200): display({'text/plain': f'{i} ' + 'x' * 5000}, raw=True)"
            )
            kernel.run("print('small')")
        archive = one_shot(server)
        text, rich, small = executions(archive)
        printed = archive.read(f"{text['folder']}/stdout.txt")
        assert printed.startswith(b"000000000\n")
        assert printed.endswith(b"000199999\n")
        assert len(printed) <= 257 * KIB
        assert b"bytes are left out here: max_execution_output_bytes" in printed
        for cut in (text, rich):
            assert cut["truncated"]
        assert text["left_out"]["stdout"] > 1_500_000
        shown = json.loads(archive.read(f"{rich['folder']}/outputs.json"))
        (mark,) = (one for one in shown if one["metadata"].get("session_export"))
        assert mark["metadata"]["session_export"]["left_out"] == rich["left_out"]
        assert len(shown) - 1 + rich["left_out"]["outputs"] == 200
        assert not small["truncated"]
        assert small["left_out"] is None
        manifest = json.loads(archive.read("manifest.json"))
        told = [one for one in manifest["entries"] if one["disposition"] == "changed"]
        assert {one["path"] for one in told} == {text["folder"], rich["folder"]}
        assert b"2  changed: part of it was not recorded" in archive.read("SESSION_SUMMARY.txt")


def test_the_quota_stops_the_recording_until_there_is_room(tmp_path: Path) -> None:
    """It says so with one warning, keeps to the quota, and a purge has it go on by itself."""
    most = 6 * KIB * KIB
    arguments = [
        f"--SessionExport.max_store_bytes={most}",
        f"--SessionExport.data_dir={tmp_path / 'data'}",
    ]
    with running_server(tmp_path, arguments=arguments) as server:
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("import os; print('before')")
            for _ in range(4):
                kernel.run("print(os.urandom(2_000_000).hex())")
            state = wait_until(lambda: (found := recording(server))["state"] == "stopped" and found)
            assert "as much of the disk as they may" in state["reason"]
            assert bytes_below(tmp_path / "data" / "sessions").bytes < 1.1 * most
            assert len(warnings_in(server)) == 1, warnings_in(server)
            answer = server.api("DELETE", "session/records", json={"scope": "all"})
            assert answer.status_code == 200, answer.text
            wait_until(lambda: recording(server)["state"] == "on", 60)
            kernel.run("print('after')")
        archive = one_shot(server)
        last = executions(archive)[-1]
        assert archive.read(f"{last['folder']}/stdout.txt") == b"after\n"
        assert "recording.gap" in archive.read("logs/activity_log.jsonl").decode()


def test_a_notebook_that_is_off_leaves_nothing(tmp_path: Path) -> None:
    """By its owner's word and by the settings; the others go on, and it can be turned on again."""
    arguments = ["--SessionExport.unrecorded_notebooks=private/*"]
    (tmp_path / "root" / "private").mkdir(parents=True)
    (tmp_path / "root" / "private" / "a.ipynb").write_text('{"cells": ["SECRET on disk"]}')
    with running_server(tmp_path, arguments=arguments) as server:

        def turn(state: str, notebook: str, status: int = 200) -> dict[str, Any]:
            body = {"state": state, "notebook": notebook}
            answer = server.api("POST", "session/recording", json=body)
            assert answer.status_code == status, answer.text
            return dict(answer.json().get("recording") or answer.json())

        mine = server.start_kernel(path="mine.ipynb")
        private = server.start_kernel(path="private/a.ipynb")
        with KernelSocket(server, mine) as kernel, KernelSocket(server, private) as other:
            other.run("print('SECRET of the settings')")
            kernel.run("print('before')")
            assert turn("paused", "mine.ipynb")["notebooks_off"] == ["mine.ipynb"]
            kernel.run("print('SECRET')")
            assert recording(server)["state"] == "on"
            assert turn("on", "mine.ipynb")["notebooks_off"] == []
            assert recording(server)["notebooks_off_by_settings"] == ["private/a.ipynb"]
            assert turn("on", "private/a.ipynb", 400)["code"] == "INVALID_REQUEST"
            kernel.run("print('after')")
        archive = one_shot(server)
        printed = [archive.read(f"{one['folder']}/stdout.txt") for one in executions(archive)]
        assert printed == [b"before\n", b"after\n"]
        assert not any(b"SECRET" in archive.read(name) for name in archive.namelist())


def test_what_tools_ran_is_in_the_zip_where_it_is_asked_for(tmp_path: Path) -> None:
    """Left out and told by default; with `tools` it is there, marked."""
    with running_server(tmp_path) as server:
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("print('a person')")
            kernel.run("print('a tool')", store_history=False)
        left_out, whole = one_shot(server), one_shot(server, tools="true")
        assert [one["tool"] for one in executions(left_out)] == [False]
        assert [one["tool"] for one in executions(whole)] == [False, True]


@pytest.mark.parametrize("kind", ["text", "outputs"])
async def test_an_output_larger_than_the_disk_is_shortened(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recording goes on without a restart; both ends of that output are kept."""
    monkeypatch.setattr(recorder_module, "ECHO_SECONDS", 0.01)
    with small_disk(tmp_path / "disk") as disk:
        recorder = Recorder(retry_after=0.1)
        recorder.start()
        record = Catalog(disk / "data").open(SessionKey("ada", "/home/ada"))
        session_id = record.session.id
        recorder.attach_session(record)
        kernel = FedKernel(recorder, session_id)
        kernel.busy("flood")
        for number in range(50):
            text = f"{number}:" + (bytes(f"{number}", "ascii") + _noise(500_000)).hex()
            if kind == "text":
                kernel.stream("flood", text)
            else:
                kernel.show("flood", text)
        wait_until(lambda: recorder.state(session_id) == "stopped")
        wait_until(lambda: recorder.state(session_id) == "on")
        kernel.idle("flood")
        kernel.run("next", "after\n")
        await recorder.freeze(record)
        await recorder.detach_session(session_id)
        with Catalog(disk / "data").read(session_id) as reader, reader.plan() as plan:
            flood, after = plan.executions
            assert flood.truncated
            assert not after.truncated
            sizes = {member.name: member.sealed for member in after.members}
            assert reader.read(sizes["stdout.txt"]) == b"after\n"
        await recorder.aclose()


def _noise(size: int) -> bytes:
    return os.urandom(size)
