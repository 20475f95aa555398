"""Who only looks keeps no server alive."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exporting import prepared
from tests.servers import running_server

ROUTES = [
    "session",
    "session/stats",
    "session/files",
    "sessions",
    "sessions/{session}/stats",
    "sessions/{session}/files",
    "exports",
    "exports/{export}",
    "exports/{export}/ledger",
]


@pytest.mark.timeout(120)
def test_looking_is_no_activity(tmp_path: Path) -> None:
    """What the sidebar asks again and again doesn't count as activity of the server."""
    with running_server(tmp_path) as server, server.client() as client:
        export = prepared(server)
        names = {"session": export["session_id"], "export": export["id"]}
        before = client.get("api/status").json()["last_activity"]
        for route in ROUTES:
            answer = client.get(f"session-export/api/{route.format(**names)}")
            assert answer.status_code == 200, answer.text
            assert client.get("api/status").json()["last_activity"] == before, route
