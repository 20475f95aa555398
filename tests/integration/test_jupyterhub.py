"""Behind a real JupyterHub, its real proxy and a base URL that isn't "/"."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jupyter_session_export.archive.verify import verify
from tests.exporting import executions
from tests.hub.person import NAVIGATION, Person
from tests.hub.running import RunningHub, running_hub
from tests.kernel_socket import KernelSocket
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub doesn't run there")

PEOPLE = ("ada", "bob")
FILM_BYTES = 24_000_000
"""More than the buffers between the server and its client hold."""
CUT = 5_000_001


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A Hub; each account's server serves a folder with a film, and Bob shares his with Ada."""
    folder = tmp_path_factory.mktemp("hub")
    with running_hub(folder, shared="bob", guests=["ada"]) as hub:
        for name in PEOPLE:
            hub.root(name).mkdir(parents=True)
            (hub.root(name) / "film.mp4").write_bytes(os.urandom(FILM_BYTES))
        yield hub


@pytest.fixture(scope="module")
def people(hub: RunningHub) -> Iterator[tuple[Person, Person]]:
    """Both have signed in, and have run a cell on a server that the Hub started for them."""
    with Person(hub, "ada") as ada, Person(hub, "bob") as bob:
        for person in (ada, bob):
            person.ask_for_server()
        for person in (ada, bob):
            person.await_server()
        yield has_run(ada), has_run(bob)


@pytest.fixture(scope="module")
def ada(people: tuple[Person, Person]) -> Person:
    """She is on her own server."""
    return people[0]


@pytest.fixture(scope="module")
def bob(people: tuple[Person, Person]) -> Person:
    """He is on his own server, which knows its users apart."""
    return people[1]


@pytest.fixture(scope="module")
def visitor(hub: RunningHub, bob: Person) -> Iterator[Person]:
    """Ada, who has run a cell on Bob's server."""
    with Person(hub, "ada", bob.server) as visitor:
        visitor.visit()
        yield has_run(visitor)


def secret(person: Person) -> str:
    return f"the secret of {person.name}"


def has_run(person: Person) -> Person:
    kernel_id = person.start_kernel(f"{person.name}s.ipynb")
    with KernelSocket(person, kernel_id) as kernel:  # type: ignore[arg-type]
        kernel.run(f"print({secret(person)!r})")
    return person


def prepared(person: Person, **request: Any) -> dict[str, Any]:
    """Prepare an export as the button does; return the job, which is ready."""
    answer = person.api("POST", "exports", json=request)
    assert answer.status_code == 201, answer.text
    job: dict[str, Any] = answer.json()

    def ended() -> bool:
        job.update(person.api("GET", f"exports/{job['id']}").json())
        return job["state"] != "preparing"

    wait_until(ended)
    assert job["state"] == "ready", job
    return job


def download(person: Person, job: dict[str, Any], **headers: str) -> httpx.Response:
    """Fetch an export's ZIP, or a range of it, as a browser does."""
    path = person.download_path(f"exports/{job['id']}/download")
    return person.client.get(path, headers={**NAVIGATION, **headers})


def cut(person: Person, job: dict[str, Any], at: int) -> tuple[bytes, str]:
    """Fetch the first bytes and go away; return them and the tag of the whole."""
    path, got = person.download_path(f"exports/{job['id']}/download"), bytearray()
    with person.client.stream("GET", path, headers=NAVIGATION) as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_raw():
            got += chunk
            if len(got) >= at:
                break
    return bytes(got[:at]), answer.headers["ETag"]


def printed(archive: zipfile.ZipFile) -> bytes:
    folders = [one["folder"] for one in executions(archive)]
    names = set(archive.namelist())
    return b"".join(archive.read(f"{f}/stdout.txt") for f in folders if f"{f}/stdout.txt" in names)


def opened(answer: httpx.Response) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.text[:500]
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_the_owner_is_the_user_of_the_hub(ada: Person, bob: Person) -> None:
    """Not the account that runs the server, which is the same for both here."""
    for person in (ada, bob):
        session = person.api("GET", "session").json()
        assert session["owner"] == person.name
        assert session["guest"] is False
        assert session["number"] == 1
        assert session["recording"]["state"] == "on"


def test_a_session_is_exported_through_the_proxy(ada: Person, tmp_path: Path) -> None:
    """The ZIP is as long as was promised, verifies, and holds what was run."""
    job = prepared(ada)
    answer = download(ada, job)
    archive = opened(answer)
    assert len(answer.content) == job["bytes"] == int(answer.headers["Content-Length"])
    assert answer.headers["ETag"] == job["etag"]
    assert secret(ada).encode() in printed(archive)
    assert {one["user_id"] for one in executions(archive)} == {"ada"}
    path = tmp_path / "session.zip"
    path.write_bytes(answer.content)
    assert verify(path).ok


def test_the_zip_streams_through_the_proxy(ada: Person) -> None:
    """Without having been prepared, and so without a length."""
    path = ada.download_path("session/download?include=executions,workspace")
    answer = ada.client.get(path, headers=NAVIGATION)
    archive = opened(answer)
    assert "Content-Length" not in answer.headers
    assert secret(ada).encode() in printed(archive)
    assert archive.getinfo("workspace/film.mp4").file_size == FILM_BYTES


def test_a_cut_download_goes_on_where_it_stopped(ada: Person) -> None:
    """What came before the cut and what comes after it are the whole, to the byte."""
    job = prepared(ada, include=["executions", "workspace"])
    whole = download(ada, job).content
    got, etag = cut(ada, job, CUT)
    rest = download(ada, job, **{"Range": f"bytes={CUT}-", "If-Range": etag})
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes {CUT}-{job['bytes'] - 1}/{job['bytes']}"
    assert rest.headers["ETag"] == etag == job["etag"]
    assert sha256(got + rest.content) == sha256(whole)
    assert zipfile.ZipFile(io.BytesIO(got + rest.content)).testzip() is None


def test_the_server_learns_that_a_client_of_the_proxy_left(ada: Person, hub: RunningHub) -> None:
    """The proxy passes the end of a connection on; the log takes it for no fault of the server."""
    job = prepared(ada, include=["workspace"])
    for _ in range(4):
        cut(ada, job, 1)

    def told() -> list[str]:
        ends = ("The client left", "ended early")
        lines = hub.log.read_text().splitlines()
        return [line for line in lines if job["id"] in line and any(end in line for end in ends)]

    wait_until(lambda: len(told()) == 4)
    assert all("The client left" in line for line in told())
    assert ada.api("GET", f"exports/{job['id']}").json()["transfers"] == 0


def test_a_download_goes_on_after_the_hub_restarted_the_server(bob: Person) -> None:
    """The other process serves the rest of the same ZIP, and the same session goes on."""
    session = bob.api("GET", "session").json()
    job = prepared(bob, include=["executions", "workspace"])
    whole = download(bob, job).content
    got, etag = cut(bob, job, CUT)
    bob.stop_server()
    bob.ask_for_server()
    bob.await_server()
    rest = download(bob, job, **{"Range": f"bytes={CUT}-", "If-Range": etag})
    assert rest.status_code == 206
    assert sha256(got + rest.content) == sha256(whole)
    assert bob.api("GET", "session").json()["id"] == session["id"]


def test_a_token_of_the_hub_opens_its_users_session(ada: Person) -> None:
    """A script sees what the page sees, and may resume what the page began."""
    job = prepared(ada, include=["executions", "workspace"])
    got, etag = cut(ada, job, CUT)
    path = f"exports/{job['id']}/download"
    with ada.script() as script:
        assert script.get("session").json()["id"] == ada.api("GET", "session").json()["id"]
        head = script.head(path)
        rest = script.get(path, headers={"Range": f"bytes={CUT}-", "If-Range": etag})
        assert script.post("exports", json={}).status_code == 201
    assert int(head.headers["Content-Length"]) == job["bytes"]
    assert rest.status_code == 206
    assert zipfile.ZipFile(io.BytesIO(got + rest.content)).testzip() is None


def test_the_magic_works_behind_the_hub(ada: Person, hub: RunningHub) -> None:
    """A kernel's key opens its session, though cookies and tokens are the Hub's affair."""
    with KernelSocket(ada, ada.start_kernel("magic.ipynb")) as kernel:  # type: ignore[arg-type]
        run = kernel.run("%session_export magic.zip --include executions")
    assert run.stream("stderr") == ""
    path = hub.root("ada") / "magic.zip"
    with zipfile.ZipFile(path) as archive:
        assert secret(ada).encode() in printed(archive)
    path.unlink()


def test_another_users_server_is_closed(ada: Person, bob: Person) -> None:
    """Neither a cookie nor a token of another user of the Hub opens anything."""
    session = ada.api("GET", "session").json()["id"]
    with httpx.Client(base_url=bob.hub.url, trust_env=False) as client:
        headers = {"Authorization": f"token {bob.token()}"}
        for path in ("session", f"sessions/{session}", "session/download", "exports/x"):
            answer = client.get(ada.download_path(path), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    answer = bob.client.get(ada.download_path("session"))
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    "path", ["sessions/{session}", "exports/{export}", "exports/{export}/download"]
)
def test_what_is_anothers_does_not_exist_on_the_own_server(
    ada: Person, bob: Person, path: str
) -> None:
    """404: the servers have different data folders."""
    told = {"session": ada.api("GET", "session").json()["id"], "export": prepared(ada)["id"]}
    answer = bob.api("GET", path.format(**told))
    assert answer.status_code == 404
    assert answer.json()["code"] in ("SESSION_NOT_FOUND", "EXPORT_NOT_FOUND")


def test_people_who_share_a_server_dont_see_each_others_sessions(
    bob: Person, visitor: Person
) -> None:
    """With `owner_mode = "identity"` each user of the Hub is an owner, by cookie and by token."""
    for person, other in ((bob, visitor), (visitor, bob)):
        session = person.api("GET", "session").json()
        assert (session["owner"], session["guest"]) == (person.name, False)
        theirs = other.api("GET", "session").json()["id"]
        export = prepared(other)["id"]
        with person.script() as script:
            assert script.get("session").json()["id"] == session["id"]
            for path in (f"sessions/{theirs}", f"sessions/{theirs}/download", f"exports/{export}"):
                assert person.api("GET", path).status_code == 404
                assert script.get(path).status_code == 404
            listed = script.get("sessions").json()["sessions"]
        assert [one["id"] for one in listed] == [session["id"]]
        archive = opened(download(person, prepared(person)))
        assert secret(person).encode() in printed(archive)
        assert secret(other).encode() not in printed(archive)


def test_who_runs_a_cell_in_anothers_kernel_is_told_by_name(bob: Person, visitor: Person) -> None:
    """It stays in the record of the one who started the kernel."""
    kernel_id = bob.start_kernel("together.ipynb")
    with KernelSocket(visitor, kernel_id) as kernel:  # type: ignore[arg-type]
        kernel.run("'Ada was here'")
    for person, expected in ((bob, [("ada", "together.ipynb")]), (visitor, [])):
        ran = executions(opened(download(person, prepared(person))))
        told = [(o["user_id"], o["notebook"]) for o in ran if o["kernel"]["id"] == kernel_id]
        assert told == expected


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "exports"), ("GET", "session/download"), ("DELETE", "exports/x")]
)
def test_a_page_of_another_site_cant_use_the_login(ada: Person, method: str, path: str) -> None:
    """The cookie alone is not enough: the Hub's own check of the page's token goes first."""
    foreign = {
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "cross-site",
        "Origin": "http://evil.example",
        "Referer": "http://evil.example/",
    }
    answer = ada.client.request(method, ada.download_path(path), headers=foreign)
    assert answer.status_code in (403, 404)
    assert not answer.headers["Content-Type"].startswith("application/zip")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
