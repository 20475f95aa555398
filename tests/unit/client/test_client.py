from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_session_export.client.access import Access
from jupyter_session_export.client.client import POLL_SECONDS, SessionExportClient
from jupyter_session_export.client.job import Request
from jupyter_session_export.errors import ServerRefused
from tests.unit.client.fake_server import SESSION_ID, Running


def test_session_and_stats_come_as_the_server_says(client: SessionExportClient) -> None:
    """They are for people to read; nothing is made of them here."""
    assert client.session()["number"] == 42
    assert client.stats()["executions"] == 2


def test_an_export_is_of_the_keys_session_unless_another_is_named(
    server: Running, client: SessionExportClient
) -> None:
    """A kernel belongs to its session, also when its owner has begun another."""
    client.create_export(Request())
    client.create_export(Request(session_id="other"))
    assert [body["session_id"] for body in server.script.bodies] == [SESSION_ID, "other"]


def test_a_request_says_only_what_was_asked_for(
    server: Running, client: SessionExportClient
) -> None:
    """Defaults are the server's."""
    asker = {"kernel_id": "k", "msg_id": "m"}
    client.create_export(Request(include=("code",), compression="fast", asked_by=asker))
    assert server.script.bodies == [
        {
            "session_id": SESSION_ID,
            "scope": "session",
            "include": ["code"],
            "compression": "fast",
            "asked_by": asker,
        }
    ]


def test_a_job_is_followed_until_it_is_ready(server: Running) -> None:
    """Polls come at most four times a second, the first ones sooner for short exports."""
    pauses: list[float] = []
    server.script.polls = ["preparing"] * 8 + ["ready"]
    with SessionExportClient(Access.from_json(server.access()), wait=pauses.append) as client:
        jobs = list(client.follow(client.create_export(Request())))
    assert [job.state for job in jobs] == ["preparing"] * 9 + ["ready"]
    assert jobs[-1].bytes == len(server.script.zip)
    assert pauses[0] < 0.1
    assert pauses[-1] == max(pauses) == POLL_SECONDS


def test_a_job_that_fails_tells_its_own_code(server: Running, client: SessionExportClient) -> None:
    """The server's reason reaches the person unchanged."""
    server.script.polls = ["failed"]
    server.script.error = {"code": "STORE_DAMAGED", "message": "It is damaged.", "detail": "Why."}
    with pytest.raises(ServerRefused) as told:
        list(client.follow(client.create_export(Request())))
    assert told.value.as_dict() == server.script.error


def test_a_wrong_key_is_refused_with_a_remedy(server: Running) -> None:
    """A key outlives no restart of the server."""
    access = Access.from_json({**server.access(), "key": "wrong"})
    with SessionExportClient(access) as client, pytest.raises(ServerRefused) as told:
        client.session()
    assert told.value.code == "FORBIDDEN"
    assert "restarted kernel" in str(told.value.detail)


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ((404, "<h1>Not found</h1>"), "SERVER_REFUSED", "answered 404"),
        ((302, ""), "SERVER_REFUSED", "answered 302"),
        ((500, '{"message": "Out of order", "reason": null}'), "SERVER_REFUSED", "Out of order"),
        ((507, '{"code": "STORE_UNAVAILABLE", "message": "Full."}'), "STORE_UNAVAILABLE", "Full."),
        ((200, "<h1>Welcome</h1>"), "SERVER_REFUSED", "makes no sense"),
        ((200, "[]"), "SERVER_REFUSED", "makes no sense"),
        ((200, "{}"), "SERVER_REFUSED", "makes no sense"),
    ],
)
def test_every_other_answer_is_one_clear_refusal(
    server: Running, client: SessionExportClient, answer: tuple[int, str], code: str, said: str
) -> None:
    """A server without our extension, a login page or a later version: all are told."""
    server.script.answer = answer
    with pytest.raises(ServerRefused, match=said) as told:
        client.export("job1")
    assert told.value.code == code


def test_cancelling_is_a_delete(server: Running, client: SessionExportClient) -> None:
    """The job is named in the route."""
    client.cancel("job1")
    assert server.script.requests == [("DELETE", "/base/session-export/api/exports/job1")]


@pytest.mark.parametrize("call", [lambda c: c.session(), lambda c: c.export("job1")])
def test_abandoning_never_raises(
    server: Running, client: SessionExportClient, call: Callable[[SessionExportClient], Any]
) -> None:
    """It is called when something else went wrong, which is what should be told."""
    server.script.answer = (500, "")
    with pytest.raises(ServerRefused):
        call(client)
    client.abandon("job1")
