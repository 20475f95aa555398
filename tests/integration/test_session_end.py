"""The end of sessions on a real server: asked for, come by idleness, and what is left of them."""

from __future__ import annotations

import io
import json
import time
import zipfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from jupyter_session_export.errors import SessionLeased
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import from_iso, now, to_iso
from jupyter_session_export.store.catalog import Catalog
from tests.exporting import executions
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server


def audit(server: RunningServer) -> list[dict[str, Any]]:
    """The audit log that outlives sessions."""
    path = server.data_dir() / "audit_log.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def folders(server: RunningServer) -> set[str]:
    return {path.name for path in (server.data_dir() / "sessions").iterdir()}


def until_removed(server: RunningServer, *session_ids: str) -> None:
    """Wait until the audit log tells of a removal."""
    deadline = time.monotonic() + 30
    gone: set[str] = set()
    while not set(session_ids) <= gone:
        assert time.monotonic() < deadline, audit(server)
        gone = {line["session_id"] for line in audit(server) if line["action"] == "session.removed"}
        time.sleep(0.05)


def aged(server: RunningServer, owner: str, age: timedelta, **changes: Any) -> str:
    """Make a session that was last active so long ago."""
    record = Catalog(server.data_dir()).open(SessionKey(owner, f"/{uuid4()}"))
    record.close()
    path = record.folder.session_json
    at = to_iso(now() - age)
    path.write_text(json.dumps({**json.loads(path.read_text()), "last_active_at": at, **changes}))
    (record.folder.outputs / "file").write_bytes(b"x" * 100)
    return record.session.id


def test_a_session_ends_when_its_kernels_have(tmp_path: Path) -> None:
    """409 while they run; with `shutdown_kernels` they are shut down first; it can be exported."""
    with running_server(tmp_path) as server:
        kernel_id = server.start_kernel()
        with KernelSocket(server, kernel_id) as kernel:
            kernel.run("print('kept')")
        session = server.api("GET", "session").json()
        refused = server.api("POST", "session/end", json={})
        assert refused.status_code == 409
        assert refused.json()["code"] == "KERNELS_RUNNING"
        assert server.api("DELETE", f"sessions/{session['id']}").json()["code"] == "KERNELS_RUNNING"
        assert server.api("POST", "session/end", json={"shutdown_kernels": 1}).status_code == 400
        key = server.access()["key"]
        ended = server.api("POST", "session/end", json={"shutdown_kernels": True}).json()
        assert ended["id"] == session["id"]
        assert ended["ended_at"] is not None
        assert ended["recording"]["state"] == "ended"
        with server.client() as client:
            assert client.get("api/kernels").json() == []
            headers = {"Authorization": f"JupyterSessionExport {key}"}
            assert client.get("session-export/api/session", headers=headers).status_code == 403
        following = server.api("GET", "session").json()
        assert following["id"] != session["id"]
        again = server.api("POST", f"sessions/{session['id']}/end", json={})
        assert again.json()["ended_at"] == ended["ended_at"]
        archive = zipfile.ZipFile(
            io.BytesIO(server.api("GET", f"sessions/{session['id']}/download").content)
        )
        (execution,) = executions(archive)
        assert archive.read(f"{execution['folder']}/stdout.txt") == b"kept\n"


def test_a_session_is_removed_by_its_owner(tmp_path: Path) -> None:
    """All of it, at once; the audit log tells of it, and it is in no list any more."""
    with running_server(tmp_path) as server:
        session_id = server.api("GET", "session").json()["id"]
        job = server.api("POST", "exports", json={}).json()
        assert server.api("DELETE", f"sessions/{session_id}").status_code == 200
        assert session_id not in folders(server)
        assert server.api("GET", f"sessions/{session_id}").status_code == 404
        assert server.api("GET", f"exports/{job['id']}").json()["state"] == "cancelled"
        assert [line["action"] for line in audit(server) if line["session_id"] == session_id] == [
            "session.removing",
            "session.removed",
        ]
        mode = (server.data_dir() / "audit_log.jsonl").stat().st_mode
        assert mode & 0o777 == 0o600
        other = aged(server, "somebody", timedelta(0))
        assert server.api("DELETE", f"sessions/{other}").status_code == 404
        assert server.api("DELETE", "session").status_code == 405


def test_a_guests_data_goes_when_the_session_ends(tmp_path: Path) -> None:
    """The folder is gone when the answer comes."""
    with running_server(tmp_path, arguments=["--SessionExport.guest=True"]) as server:
        session_id = server.api("GET", "session").json()["id"]
        assert session_id in folders(server)
        server.api("POST", "session/end", json={}).raise_for_status()
        assert session_id not in folders(server)


def test_a_start_cleans_up(tmp_path: Path) -> None:
    """What is due goes, what was cut off is finished, what another process holds stays."""
    home, root = tmp_path / "home", tmp_path / "root"
    root.mkdir()
    server = RunningServer(home, root, arguments=["--SessionExport.retention_days=2"])
    old = aged(server, "ada", timedelta(days=9), ended_at=to_iso(now() - timedelta(days=3)))
    recent = aged(server, "ada", timedelta(days=9), ended_at=to_iso(now() - timedelta(days=1)))
    idle = aged(server, "ada", timedelta(days=1, hours=1))
    guest = aged(server, "guest", timedelta(days=1, hours=1), guest=True)
    young = aged(server, "ada", timedelta(hours=1))
    half = aged(server, "ada", timedelta(hours=1))
    sessions = server.data_dir() / "sessions"
    (sessions / half).rename(sessions / f".removed-{half}")
    held = Catalog(server.data_dir()).open(SessionKey("held", "/nowhere"))
    try:
        path = held.folder.session_json
        text = json.loads(path.read_text())
        path.write_text(json.dumps({**text, "last_active_at": to_iso(now() - timedelta(days=99))}))
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "kept").write_bytes(b"kept")
        (sessions / old / "outputs/link").symlink_to(outside)
        server.start()
        until_removed(server, old, guest, half)
        left = folders(server)
        assert {recent, idle, young, held.session.id} <= left
        assert not {old, guest, half} & left
        assert not any(name.startswith(".removed") for name in left)
        catalog = Catalog(server.data_dir())
        assert catalog.find(idle).ended_at is not None
        assert catalog.find(young).ended_at is None
        assert (outside / "kept").exists()
    finally:
        server.stop()
        held.close()


def test_an_idle_session_ends_unless_it_is_used(tmp_path: Path) -> None:
    """A paused one, one with a kernel and one being exported go on; after that it ends."""
    arguments = ["--SessionExport.session_timeout_hours=0.0000001"]
    script = (
        "from jupyter_session_export.server import upkeep\n"
        "upkeep.Upkeep.__init__.__kwdefaults__['interval'] = 0.2\n"
    )
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "jupyter_server_config.py").write_text(script)
    with running_server(tmp_path, arguments=arguments) as server:
        server.api("GET", "session")
        kernel_id = server.start_kernel()
        used = server.api("GET", "session").json()["id"]
        passes(server)
        assert server.api("GET", f"sessions/{used}").json()["ended_at"] is None
        server.api("POST", "session/recording", json={"state": "paused"}).raise_for_status()
        with server.client() as client:
            client.delete(f"api/kernels/{kernel_id}").raise_for_status()
        passes(server)
        assert server.api("GET", f"sessions/{used}").json()["ended_at"] is None
        server.api("POST", "session/recording", json={"state": "on"}).raise_for_status()
        deadline = time.monotonic() + 20
        while server.api("GET", f"sessions/{used}").json()["ended_at"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        ended = server.api("GET", f"sessions/{used}").json()
        assert ended["recording"]["state"] == "ended"


def passes(server: RunningServer) -> None:
    """Wait until the clean-up has come by twice, as sessions that are due show."""
    for _ in range(2):
        until_removed(server, aged(server, "guest", timedelta(hours=1), guest=True))


def test_two_processes_do_not_share_a_session(tmp_path: Path) -> None:
    """What a live server writes can't be taken by another process."""
    with running_server(tmp_path) as server:
        session_id = server.api("GET", "session").json()["id"]
        with pytest.raises(SessionLeased):
            Catalog(server.data_dir()).custody(session_id)


def test_a_crashed_session_is_recovered_before_it_ends(tmp_path: Path) -> None:
    """Output that was not sealed when the server was killed is in the record of the ended one."""
    with running_server(tmp_path) as server:
        kernel_id = server.start_kernel()
        with KernelSocket(server, kernel_id) as kernel:
            kernel.submit("import time\nprint('before the crash', flush=True)\ntime.sleep(600)")
            spool = server.data_dir() / "sessions"
            deadline = time.monotonic() + 20
            while not any(
                b"before the crash" in path.read_bytes() for path in spool.glob("*/spool/*/std*")
            ):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert server.process is not None
            kernels = psutil.Process(server.process.pid).children(recursive=True)
            server.kill()
        (path,) = server.data_dir().glob("sessions/*/session.json")
        text = json.loads(path.read_text())
        path.write_text(json.dumps({**text, "last_active_at": to_iso(now() - timedelta(days=2))}))
        server.start()
        deadline = time.monotonic() + 30
        while json.loads(path.read_text())["ended_at"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert from_iso(json.loads(path.read_text())["ended_at"]) < now()
        stats = server.api("GET", f"sessions/{text['id']}/stats").json()
        assert stats["executions"]["by_status"] == {"lost": 1}
        for process in kernels:
            with suppress(psutil.Error):
                process.kill()
