"""Two owners and guests: the logs of each tell of nobody else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

import pytest

from tests.kernel_socket import KernelSocket
from tests.logs import log_of, told
from tests.owners import Person
from tests.servers import RunningServer, running_server


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    arguments = ["--SessionExport.owner_mode=identity"]
    with running_server(tmp_path_factory.mktemp("shared"), arguments=arguments) as server:
        yield server


def archive_of(person: Person) -> zipfile.ZipFile:
    answer = person.api("GET", "session/download", params={"include": "logs"})
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_refusals_leak_nobody(shared: RunningServer) -> None:
    """Who asked reads the same for another's session as for none; the other reads no name."""
    with Person(shared) as ada, Person(shared) as bob:
        theirs = ada.session_id
        assert bob.api("GET", "session").status_code == 200
        for session_id in (theirs, "0" * 32):
            assert bob.api("GET", f"sessions/{session_id}/stats").status_code == 404
            body = {"session_id": session_id}
            assert bob.api("POST", "exports", json=body).status_code == 404
        job = ada.api("POST", "exports", json={}).json()["id"]
        assert bob.api("GET", f"exports/{job}/download").status_code == 404
        assert shared.api("GET", f"sessions/{theirs}").status_code == 403
        adas, bobs = archive_of(ada), archive_of(bob)
        adas_lines = [line for line in log_of(adas, "audit") if "refused" in line["action"]]
        bobs_lines = [line for line in log_of(bobs, "audit") if "refused" in line["action"]]
        adas_id, bobs_id = ada.name, bob.name
        bobs_session = bob.session_id
    assert [(line["target"], line["detail"]["by"]) for line in adas_lines] == [
        ("GET session/stats", "another owner"),
        ("POST exports", "another owner"),
        ("GET exports/{export_id}/download", "another owner"),
        ("GET session", "a stranger"),
    ]
    assert adas_lines[-1]["detail"]["code"] == "NO_STABLE_IDENTITY"
    assert {line["user_id"] for line in adas_lines} == {None}
    once, never = bobs_lines[0:2], bobs_lines[2:4]
    assert [(line["target"], line["detail"]) for line in once] == [
        (line["target"], line["detail"]) for line in never
    ]
    logs = [name for name in adas.namelist() if name.startswith("logs/")]
    for name in logs:
        assert bobs_id.encode() not in adas.read(name)
        assert bobs_session.encode() not in adas.read(name)
        assert adas_id.encode() not in bobs.read(name)
        assert theirs.encode() not in bobs.read(name)


def test_a_file_that_another_renames_is_followed(shared: RunningServer) -> None:
    """Whose notebook it is knows it by its new name, and who did it tells so in their own log."""
    with Person(shared) as ada, Person(shared) as bob:
        ada._client.put("api/contents/s.ipynb", json={"type": "notebook"}).raise_for_status()
        kernel_id = ada.start_kernel("s.ipynb")
        with KernelSocket(shared, kernel_id, client=ada._client) as kernel:
            kernel.run("print(1)")
        assert bob.api("GET", "session").status_code == 200
        renamed = bob._client.patch("api/contents/s.ipynb", json={"path": "t.ipynb"})
        renamed.raise_for_status()
        scope = {"scope": "notebook", "path": "t.ipynb"}
        assert ada.api("GET", "session/download", params=scope).status_code == 200
        adas, bobs = log_of(archive_of(ada)), log_of(archive_of(bob))
    for lines in (adas, bobs):
        assert told(lines, "notebook.rename") == [("notebook.rename", "t.ipynb")]
        users = {line["user_id"] for line in lines}
        assert users <= {None, f"guest_{lines[0]['session_id']}"}
    (followed,) = [line for line in adas if line["action"] == "notebook.rename"]
    assert followed["user_id"] is None
    assert told(bobs, "notebook.create", "notebook.attach", "execution.") == []


def test_a_guests_results_are_audited(shared: RunningServer) -> None:
    """How each execution ended, not what it said; a purge takes the line along."""
    with Person(shared) as guest:
        kernel_id = guest.start_kernel("guest.ipynb")
        with KernelSocket(shared, kernel_id, client=guest._client) as kernel:
            kernel.run("print('said')")
            kernel.run("raise ValueError('said')")
        archive = archive_of(guest)
        results = [
            line for line in log_of(archive, "audit") if line["action"] == "execution.result"
        ]
        assert [(line["detail"]["status"], line["detail"]["error"]) for line in results] == [
            ("ok", None),
            ("error", "ValueError"),
        ]
        assert {line["user_id"] for line in results} == {f"guest_{guest.session_id}"}
        assert "said" not in json.dumps(results)
        purged = guest.api("DELETE", "session/records", json={"execution": 1})
        assert purged.status_code == 200
        left = log_of(archive_of(guest), "audit")
        targets = [target for _, target in told(left, "execution.")]
        assert len(targets) == 1
        assert targets[0] == results[1]["target"]
