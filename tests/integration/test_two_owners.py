"""Two owners on one server: neither reaches, ends or removes what is the other's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel_socket import KernelSocket
from tests.owners import Person
from tests.servers import RunningServer


@pytest.fixture(scope="module")
def shared(server_of_owners: RunningServer) -> RunningServer:
    """A server on which each person is an owner."""
    return server_of_owners


@pytest.fixture(scope="module")
def ada(shared: RunningServer) -> Iterator[Person]:
    """She has a file of each kind."""
    with Person(shared) as person:
        save(person, "ada.ipynb", "ada's")
        yield person


@pytest.fixture(scope="module")
def bob(shared: RunningServer) -> Iterator[Person]:
    """His files have the same names."""
    with Person(shared) as person:
        save(person, "bob.ipynb", "bob's")
        yield person


def save(person: Person, notebook: str, text: str) -> None:
    with KernelSocket(person.server, person.start_kernel(notebook)) as kernel:
        run = kernel.run(
            "from jupyter_session_export import session_files\n"
            f"_ = session_files.save('same.txt', {text!r})\n"
            f"_ = (session_files.bulk('same') / 'same.txt').write_text({text!r})"
        )
        assert run.stream("stderr") == ""


@pytest.mark.parametrize("path", ["single/same.txt", "bulk/same/same.txt"])
def test_the_same_name_is_two_files(ada: Person, bob: Person, path: str) -> None:
    """Each owner gets their own."""
    assert ada.name != bob.name
    assert ada.api("GET", f"session/files/{path}").text == "ada's"
    assert bob.api("GET", f"session/files/{path}").text == "bob's"
    named = f"sessions/{ada.session_id}/files/{path}"
    assert ada.api("GET", named).text == "ada's"


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("GET", "files"),
        ("GET", "files/single/same.txt"),
        ("HEAD", "files/single/same.txt"),
        ("DELETE", "files/single/same.txt"),
        ("GET", "files/download?category=bulk"),
        ("POST", "end"),
        ("DELETE", ""),
    ],
)
def test_the_others_session_is_not_there(ada: Person, bob: Person, method: str, route: str) -> None:
    """404 for each route, the same as for a session that never was."""
    theirs = f"sessions/{ada.session_id}/{route}".rstrip("/")
    never = f"sessions/{'0' * 32}/{route}".rstrip("/")
    answers = [bob.api(method, path) for path in (theirs, never)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert ada.api("GET", "session/files/single/same.txt").text == "ada's"


def test_a_link_leads_nowhere(ada: Person, bob: Person) -> None:
    """Planted by hand in one's own folder, over HTTP and in the ZIP it is refused."""
    sessions = ada.server.data_dir() / "sessions"
    theirs = sessions / ada.session_id / "outputs" / "single"
    mine = sessions / bob.session_id / "outputs" / "bulk"
    (mine / "theirs").symlink_to(theirs)
    (mine / "file").symlink_to(theirs / "same.txt")
    for path in ("bulk/theirs/same.txt", "bulk/file"):
        assert bob.api("GET", f"session/files/{path}").status_code == 404
    assert bob.api("DELETE", "session/files/bulk/theirs/same.txt").status_code == 404
    for route in ("session/files/download?category=bulk", "session/download?include=outputs"):
        assert b"ada's" not in bob.api("GET", route).content
    listed = bob.api("GET", "session/files").json()["files"]
    assert not any("theirs" in file["path"] for file in listed)
    assert bob.api("DELETE", "session/files/bulk/theirs").status_code == 200
    assert (theirs / "same.txt").exists()


def test_a_folder_that_becomes_a_link_shows_nothing(ada: Person, bob: Person) -> None:
    """Also if all of `outputs` is replaced."""
    sessions = ada.server.data_dir() / "sessions"
    mine = sessions / bob.session_id / "outputs"
    aside = mine.rename(mine.with_name("aside"))
    mine.symlink_to(sessions / ada.session_id / "outputs")
    try:
        assert bob.api("GET", "session/files").status_code == 404
        assert bob.api("GET", "session/files/single/same.txt").status_code == 404
        assert bob.api("DELETE", "session/files/single/same.txt").status_code == 404
        for route in ("session/files/download?category=single", "session/download?include=outputs"):
            answer = bob.api("GET", route)
            assert answer.status_code == 200
            assert b"ada's" not in answer.content
            assert b"same.txt" not in answer.content
    finally:
        mine.unlink()
        aside.rename(mine)


def test_a_key_opens_the_files_of_its_session_only(ada: Person, bob: Person) -> None:
    """A kernel's key is good for its own session, whoever holds it."""
    with KernelSocket(bob.server, bob.start_kernel("other.ipynb")) as kernel:
        run = kernel.run(
            "from jupyter_session_export.client.access import Access\n"
            "from jupyter_session_export.client.transport import connect\n"
            "http = connect(Access.of_kernel())\n"
            "print(http.get('session/files/single/same.txt').text)\n"
            f"print(http.get('sessions/{ada.session_id}/files/single/same.txt').status_code)"
        )
    assert run.stream("stdout").splitlines() == ["bob's", "404"]
