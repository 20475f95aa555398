"""Two owners on one server: no route at all shows, counts, changes or removes what is another's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx
import nbformat
import pytest
from tornado.web import RequestHandler

from jupyter_session_export.server.handlers import UnknownRouteHandler, routes
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer
from tests.waiting import wait_until

API = "session-export/api/"
NEVER = "0" * 32
METHODS = ("get", "head", "post", "put", "patch", "delete")
FILE = "single/same.txt"
TAB = "a-tab"


class Call(NamedTuple):
    """A call of a route; `{session}` and `{export}` stand for another's."""

    method: str
    path: str
    body: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def ask(self, client: httpx.Client, session: str, export: str) -> httpx.Response:
        told = {"session": session, "export": export}
        body = json.loads(json.dumps(self.body).replace("{session}", session))
        return client.request(self.method, API + self.path.format(**told), json=body)


OPENED = {"action": "page.notebook_open", "notebook": "ada.ipynb"}

THEIRS = [
    Call("GET", "sessions/{session}"),
    Call("DELETE", "sessions/{session}"),
    Call("GET", "sessions/{session}/stats"),
    Call("GET", "sessions/{session}/insights"),
    Call("GET", "sessions/{session}/queue?kernel_id=k"),
    Call("POST", "sessions/{session}/recording", {"state": "paused"}),
    Call("POST", "sessions/{session}/end", {"shutdown_kernels": True}),
    Call("GET", "sessions/{session}/download"),
    Call("DELETE", "sessions/{session}/records?scope=all"),
    Call("GET", "sessions/{session}/executions/1/outputs"),
    Call("GET", "sessions/{session}/files"),
    Call("GET", "sessions/{session}/files/download?category=single"),
    Call("GET", f"sessions/{{session}}/files/{FILE}"),
    Call("HEAD", f"sessions/{{session}}/files/{FILE}"),
    Call("DELETE", f"sessions/{{session}}/files/{FILE}"),
    Call("PUT", f"sessions/{{session}}/files/{FILE}", {}),
    Call("POST", "exports", {"session_id": "{session}"}),
    Call("GET", "exports/{export}"),
    Call("DELETE", "exports/{export}"),
    Call("GET", "exports/{export}/download"),
    Call("HEAD", "exports/{export}/download"),
    Call("GET", "exports/{export}/ledger"),
]
"""Each route that can name what is another's: to everybody else it isn't there."""

LIVE = [
    Call("GET", "sessions/{session}/status"),
    Call("POST", "sessions/{session}/run", {"code": "1"}),
    Call("POST", "sessions/{session}/interrupt", {}),
    Call("POST", "sessions/{session}/restart", {}),
    Call("POST", "sessions/{session}/keep_alive", {}),
    Call("POST", "sessions/{session}/pause", {}),
    Call("POST", "sessions/{session}/resume", {}),
    Call("GET", "sessions/{session}/snapshots"),
    Call("POST", "sessions/{session}/snapshots", {"name": "one"}),
    Call("POST", "sessions/{session}/restore", {"name": "one"}),
]
"""The same for sessions that code has begun, which those of people are not."""

BEGIN = [Call("POST", "sessions", {"language": "none"})]

OWN = [
    Call("GET", "session"),
    Call("GET", "sessions"),
    Call("GET", "session/stats"),
    Call("GET", "session/insights"),
    Call("GET", "session/queue?kernel_id=k"),
    Call("GET", "session/files"),
    Call("GET", "session/cells?path=bob.ipynb"),
    Call("GET", "session/cells/runs?path=ada.ipynb&cell_id=a"),
    Call("POST", "session/cells/deleted", {"path": "ada.ipynb"}),
    Call("POST", "session/cells/restore", {"path": "bob.ipynb", "dry_run": True}),
    Call("GET", "exports"),
    Call("GET", "exports?session_id={session}"),
    Call("GET", "clients"),
    Call("GET", "pulse"),
    Call("POST", f"clients/{TAB}/epoch", {}),
    Call("POST", "session/activity", {"events": [OPENED]}),
]
"""Each route that names nothing: it tells of one's own, whatever is asked."""


class Person:
    """Somebody with a login cookie, a session, a kernel, a file and a ready export."""

    def __init__(self, server: RunningServer, client: httpx.Client, name: str) -> None:
        self.client = client
        nbformat.write(nbformat.v4.new_notebook(), server.root / f"{name}.ipynb")
        kernel_id = server.start_kernel(path=f"{name}.ipynb", client=client)
        with KernelSocket(server, kernel_id, client=client) as kernel:
            run = kernel.run(
                "from jupyter_session_export import session_files\n"
                f"_ = session_files.save('same.txt', {name!r})"
            )
            assert not run.failed, run
        self.call("POST", f"clients/{TAB}/epoch", {})
        self.session = self.call("GET", "session").json()["id"]
        self.export = self.call("POST", "exports", {"client_id": TAB}).json()["id"]
        wait_until(lambda: self.call("GET", f"exports/{self.export}").json()["state"] == "ready")
        path = server.data_dir() / "sessions" / self.session / "access.json"
        self.key = json.loads(path.read_text())["key"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        answer = self.client.request(method, API + path, json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer

    def belongings(self) -> dict[str, Any]:
        """What another's call may not change."""
        session = self.call("GET", "session").json()
        kept = ("id", "ended_at", "kernels", "notebooks", "counts", "recording")
        return {
            "session": {name: session.get(name) for name in kept},
            "executions": self.call("GET", "session/stats").json()["executions"],
            "file": self.call("GET", f"session/files/{FILE}").text,
            "export": self.call("GET", f"exports/{self.export}").json()["state"],
        }


@pytest.fixture(scope="module")
def server(server_of_owners: RunningServer) -> RunningServer:
    """A server on which each person is an owner."""
    return server_of_owners


@pytest.fixture(scope="module")
def ada(server: RunningServer) -> Iterator[Person]:
    with server.browser() as client:
        yield Person(server, client, "ada")


@pytest.fixture(scope="module")
def bob(server: RunningServer) -> Iterator[Person]:
    with server.browser() as client:
        yield Person(server, client, "bob")


@pytest.fixture(scope="module")
def key_of_bob(server: RunningServer, bob: Person) -> Iterator[httpx.Client]:
    """What Bob's kernel can do."""
    headers = {"Authorization": f"JupyterSessionExport {bob.key}"}
    with server.stranger(headers=headers) as client:
        yield client


def registered() -> list[tuple[str, str]]:
    """Return method and pattern of all that the server answers."""
    return [
        (method.upper(), pattern)
        for pattern, handler, _ in routes(SimpleNamespace())  # type: ignore[arg-type]
        if handler is not UnknownRouteHandler
        for method in METHODS
        if getattr(handler, method) is not getattr(RequestHandler, method)
    ]


@pytest.mark.parametrize(("method", "pattern"), registered())
def test_no_route_is_forgotten(method: str, pattern: str) -> None:
    """Whoever adds a route adds it to one of the tables above."""
    names_something = any(group in pattern for group in ("session_id", "export_id"))
    calls = THEIRS + LIVE if names_something else OWN + THEIRS + BEGIN
    paths = [
        f"/{API}{call.path.partition('?')[0].format(session=NEVER, export=NEVER)}"
        for call in calls
        if call.method == method
    ]
    assert any(re.fullmatch(pattern, path) for path in paths), f"{method} {pattern}"


@pytest.mark.parametrize("call", THEIRS + LIVE, ids=str)
def test_what_is_anothers_is_not_there(
    ada: Person, bob: Person, key_of_bob: httpx.Client, call: Call
) -> None:
    """404 and never 403, in the words for what never was; by cookie and by a kernel's key."""
    before = ada.belongings()
    for client in (bob.client, key_of_bob):
        theirs = call.ask(client, ada.session, ada.export)
        never = call.ask(client, NEVER, NEVER)
        assert (theirs.status_code, never.status_code) == (404, 404), theirs.text
        said = theirs.text.replace(ada.session, NEVER).replace(ada.export, NEVER)
        assert said == never.text
    if call.method in ("GET", "HEAD"):
        expected = 410 if call in LIVE else 200
        assert call.ask(ada.client, ada.session, ada.export).status_code == expected
    assert ada.belongings() == before


@pytest.mark.parametrize("call", OWN, ids=str)
def test_ones_own_tells_nothing_of_anothers(ada: Person, bob: Person, call: Call) -> None:
    """Neither its id nor a count of it; the same name of a tab is another's tab."""
    before = ada.belongings()
    answer = call.ask(bob.client, ada.session, ada.export)
    assert answer.status_code in (200, 204), answer.text
    for secret in (ada.session, ada.export, "ada.ipynb"):
        assert secret not in answer.text
    assert ada.belongings() == before
    told = {} if call.path == "pulse" or not answer.content else answer.json()
    if call.path == "sessions":
        assert [one["id"] for one in told["sessions"]] == [bob.session]
        assert told["total"] == 1
    elif call.path == "exports":
        assert [one["id"] for one in told["exports"]] == [bob.export]
    elif call.path.startswith("exports?"):
        assert told["exports"] == []


@pytest.mark.parametrize("call", [*THEIRS, *LIVE, *OWN, *BEGIN], ids=str)
def test_a_bare_token_is_nobody(server: RunningServer, ada: Person, call: Call) -> None:
    """It stands for a new person at each request: no route answers it, and none does anything."""
    before = ada.belongings()
    with server.client() as client:
        answer = call.ask(client, ada.session, ada.export)
    assert answer.status_code == 403
    if call.method != "HEAD":
        assert answer.json()["code"] == "NO_STABLE_IDENTITY"
    assert ada.belongings() == before


@pytest.mark.parametrize("call", [*THEIRS, *LIVE, *OWN, *BEGIN], ids=str)
def test_a_stranger_is_refused(server: RunningServer, ada: Person, call: Call) -> None:
    """Without a token there is no route."""
    with server.stranger() as client:
        assert call.ask(client, ada.session, ada.export).status_code == 403


def test_a_session_that_code_has_begun_is_its_owners(ada: Person, bob: Person) -> None:
    """Nobody else sees it or runs anything in it; that of a guest is gone with its end."""
    begun = ada.call("POST", "sessions", {}).json()["id"]
    for call in (*THEIRS, *LIVE):
        if "{session}" in call.path:
            assert call.ask(bob.client, begun, NEVER).status_code == 404, call
    assert begun not in bob.call("GET", "sessions").text
    ran = ada.call("POST", f"sessions/{begun}/run", {"code": "6 * 7"}).json()
    assert ran["text"] == "42"
    assert [one["id"] for one in ada.call("GET", "sessions?live=true").json()["sessions"]] == [
        begun
    ]
    ada.call("POST", f"sessions/{begun}/end", {"shutdown_kernels": True})
    assert ada.client.get(f"{API}sessions/{begun}").status_code == 404
