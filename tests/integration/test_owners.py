"""In owner mode "identity" each person has sessions, exports and kernels of their own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.exporting import executions
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer
from tests.waiting import wait_until

API = "session-export/api/"


@dataclass(frozen=True)
class Person:
    """Somebody with a login cookie, their session, an export of it, and a kernel."""

    client: httpx.Client
    session: dict[str, Any]
    export: dict[str, Any]
    kernel_id: str
    secret: str

    def zip(self) -> zipfile.ZipFile:
        answer = self.client.get(f"{API}session/download")
        assert answer.status_code == 200, answer.text
        return zipfile.ZipFile(io.BytesIO(answer.content))


@pytest.fixture(scope="module")
def server(server_of_owners: RunningServer) -> RunningServer:
    """A server on which each person is an owner."""
    return server_of_owners


@pytest.fixture(scope="module")
def people(server: RunningServer) -> Iterator[tuple[Person, Person]]:
    """Two who have run and exported something."""
    with ExitStack() as stack:
        ada, bob = (stack.enter_context(server.browser()) for _ in range(2))
        yield settled(server, ada, "ada"), settled(server, bob, "bob")


def settled(server: RunningServer, client: httpx.Client, name: str) -> Person:
    kernel_id = server.start_kernel(path=f"{name}.ipynb", client=client)
    secret = f"the secret of {name}"
    with KernelSocket(server, kernel_id, client=client) as kernel:
        kernel.run(f"print({secret!r})")
    session = client.get(f"{API}session").json()
    job = client.post(f"{API}exports", json={}).json()
    wait_until(lambda: client.get(f"{API}exports/{job['id']}").json()["state"] == "ready")
    return Person(client, session, job, kernel_id, secret)


def test_each_has_a_session_of_their_own(people: tuple[Person, Person]) -> None:
    """Both are guests, as a token tells nobody's name, and are told by their session's id."""
    ada, bob = people
    assert ada.session["id"] != bob.session["id"]
    assert {ada.session["number"], bob.session["number"]} == {1, 2}
    for person in people:
        assert person.session["guest"] is True
        assert person.session["owner"] == f"guest_{person.session['id']}"
        listed = person.client.get(f"{API}sessions").json()
        assert [one["id"] for one in listed["sessions"]] == [person.session["id"]]


def test_a_zip_holds_its_owners_executions_only(people: tuple[Person, Person]) -> None:
    """A kernel belongs to who started it, and nothing of another's is in the ZIP."""
    for person, other in (people, people[::-1]):
        archive = person.zip()
        ran = executions(archive)
        assert {one["kernel"]["id"] for one in ran} == {person.kernel_id}
        assert {one["user_id"] for one in ran} == {f"guest_{person.session['id']}"}
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert person.secret.encode() in everything
        assert other.secret.encode() not in everything
        assert other.session["id"].encode() not in everything
        stats = person.client.get(f"{API}session/stats").json()
        assert stats["session_id"] == person.session["id"]
        assert stats["executions"]["count"] == len(ran)


def test_a_kernels_owner_is_who_started_it(
    server: RunningServer, people: tuple[Person, Person]
) -> None:
    """What another runs in it is in the owner's record, and told as the other's."""
    ada, bob = people
    name = bob.client.get("api/me").json()["identity"]["username"]
    before = len(executions(bob.zip()))
    with KernelSocket(server, ada.kernel_id, client=bob.client) as kernel:
        kernel.run("'a guest at the keyboard'")
    archive = ada.zip()
    (by_bob,) = [one for one in executions(archive) if one["user_id"] == name]
    assert by_bob["client"] == kernel.session
    assert archive.read(f"{by_bob['folder']}/source.py") == b"'a guest at the keyboard'"
    assert len(executions(bob.zip())) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "sessions/{session}", None),
        ("GET", "sessions/{session}/stats", None),
        ("GET", "sessions/{session}/download", None),
        ("POST", "sessions/{session}/recording", {"state": "paused"}),
        ("POST", "exports", {"session_id": "{session}"}),
        ("GET", "exports/{export}", None),
        ("GET", "exports/{export}/download", None),
        ("HEAD", "exports/{export}/download", None),
        ("DELETE", "exports/{export}", None),
    ],
)
def test_what_is_anothers_does_not_exist(
    people: tuple[Person, Person], method: str, path: str, body: dict[str, str] | None
) -> None:
    """404 and never 403, with the words that what doesn't exist gets."""
    ada, bob = people
    mine = _ask(ada, method, path, body, "0" * 32, "0" * 32)
    answer = _ask(bob, method, path, body, ada.session["id"], ada.export["id"])
    assert answer.status_code == mine.status_code == 404
    if method != "HEAD":
        assert answer.json()["code"] == mine.json()["code"]
        assert (
            answer.json()["message"].replace(ada.export["id"], "0" * 32) == mine.json()["message"]
        )
    assert ada.client.get(f"{API}session").json()["recording"]["state"] == "on"
    assert ada.client.get(f"{API}exports/{ada.export['id']}").json()["state"] == "ready"


def _ask(
    person: Person,
    method: str,
    path: str,
    body: dict[str, str] | None,
    session: str,
    export: str,
) -> httpx.Response:
    path = path.format(session=session, export=export)
    sent = {name: value.format(session=session) for name, value in (body or {}).items()}
    return person.client.request(method, API + path, json=sent or None)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "session"),
        ("GET", "sessions"),
        ("GET", "session/stats"),
        ("GET", "session/download"),
        ("POST", "exports"),
        ("POST", "session/recording"),
    ],
)
def test_a_bare_token_is_nobody(server: RunningServer, method: str, path: str) -> None:
    """It stands for a new person at each request, so there is nothing it could own."""
    answer = server.api(method, path)
    assert answer.status_code == 403
    assert answer.json()["code"] == "NO_STABLE_IDENTITY"
    assert answer.json()["detail"]


def test_a_kernel_that_a_bare_token_starts_runs_unrecorded(
    server: RunningServer, people: tuple[Person, Person]
) -> None:
    """Nobody owns it; it works all the same, and its magic says what is missing."""
    with KernelSocket(server, server.start_kernel(path="nobody.ipynb")) as kernel:
        assert kernel.run("print('nobody')").stream("stdout") == "nobody\n"
        run = kernel.run("%session_export")
        assert run.stream("stderr").endswith("[NO_RECORDING_SERVER]\n")
    for person in people:
        assert b"print('nobody')" not in _sources(person.zip())


def test_the_magic_exports_its_owners_session(
    server: RunningServer, people: tuple[Person, Person]
) -> None:
    """The kernel's key opens the session in which it was started, and no other."""
    ada, bob = people
    with KernelSocket(server, bob.kernel_id, client=bob.client) as kernel:
        kernel.run("%session_export bobs.zip")
        refused = kernel.run(f"%session_export --session {ada.session['id']}")
    assert refused.stream("stderr").endswith("[SESSION_NOT_FOUND]\n")
    with zipfile.ZipFile(server.root / "bobs.zip") as archive:
        about = json.loads(archive.read("data/session_metadata.json"))
        assert ada.secret.encode() not in b"".join(map(archive.read, archive.namelist()))
    assert bob.session["id"] in json.dumps(about)


def test_who_comes_back_finds_their_session(
    server: RunningServer, people: tuple[Person, Person]
) -> None:
    """The cookie is the identity: another client with it is the same person."""
    with server.stranger(cookies=people[0].client.cookies) as client:
        assert client.get(f"{API}session").json()["id"] == people[0].session["id"]


def test_a_restart_of_the_server_changes_nobody(
    server: RunningServer, people: tuple[Person, Person]
) -> None:
    """The cookies are still good, and each gets their own session back."""
    server.stop()
    server.start()
    for person in people:
        session = person.client.get(f"{API}session").json()
        assert session["id"] == person.session["id"]
        assert person.secret.encode() in b"".join(map(person.zip().read, person.zip().namelist()))


def _sources(archive: zipfile.ZipFile) -> list[bytes]:
    return [archive.read(f"{one['folder']}/source.py") for one in executions(archive)]
