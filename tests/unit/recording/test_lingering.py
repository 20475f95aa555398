"""A gateway's connection and the end of its page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyter_server.gateway.connections import GatewayWebSocketConnection
from jupyter_server.gateway.managers import GatewayMappingKernelManager
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from jupyter_session_export.recording.lingering import is_gateways, lingering_connection


class Connection:
    """Notes what becomes of it."""

    kernel_id = "k1"

    def __init__(self) -> None:
        self.events: list[str] = []

    def handle_incoming_message(self, message: str) -> None:
        self.events.append("in")

    def handle_outgoing_message(self, message: str) -> None:
        self.events.append("out")

    def disconnect(self) -> None:
        self.events.append("end")


def request(msg_id: str, msg_type: str = "execute_request") -> str:
    return json.dumps({"header": {"msg_id": msg_id, "msg_type": msg_type}, "content": {}})


def status(state: str, parent: str | None = None, msg_id: str | None = None) -> str:
    return json.dumps(
        {
            "header": {"msg_id": msg_id} if msg_id else {},
            "parent_header": {"msg_id": parent} if parent else None,
            "content": {"execution_state": state},
        }
    )


@pytest.fixture
def connection() -> Any:
    return lingering_connection(Connection)()


def test_whose_it_is() -> None:
    """Told by the class, also where it was configured to be another."""

    class Configured(GatewayWebSocketConnection):
        pass

    assert is_gateways(Configured)
    assert is_gateways(GatewayMappingKernelManager)
    assert is_gateways(lingering_connection(Configured))
    assert not is_gateways(ZMQChannelsWebsocketConnection)


@pytest.mark.parametrize("message", [request("c", "complete_request"), "execute_request", "{}"])
def test_a_page_that_started_nothing_ends_at_once(connection: Any, message: str) -> None:
    """Whatever else it sent, and though it was no JSON."""
    connection.handle_incoming_message(message)
    connection.disconnect()
    assert connection.events == ["in", "end"]


def test_it_ends_when_the_last_of_its_cells_has(connection: Any) -> None:
    """In whatever order; others' cells and other states don't count."""
    for msg_id in ("a", "b", "b"):
        connection.handle_incoming_message(request(msg_id))
    connection.disconnect()
    told = [("busy", "a"), ("idle", "b"), ("idle", "another's"), ("idle", None)]
    for state, parent in told:
        connection.handle_outgoing_message(status(state, parent))
    assert "end" not in connection.events
    connection.handle_outgoing_message(status("idle", "a"))
    assert connection.events[-2:] == ["out", "end"]
    connection.handle_outgoing_message(status("idle", "a"))
    assert connection.events.count("end") == 1


@pytest.mark.parametrize("state", ["restarting", "dead"])
def test_a_kernel_that_goes_ends_nothing_else(connection: Any, state: str) -> None:
    """No idle comes of it any more."""
    connection.handle_incoming_message(request("a"))
    connection.disconnect()
    connection.handle_outgoing_message(status(state))
    assert connection.events[-1] == "end"


def test_a_page_that_stays_is_left_alone(connection: Any) -> None:
    """Only a page's end is put off."""
    connection.handle_incoming_message(request("a"))
    connection.handle_outgoing_message(status("idle", "a"))
    assert connection.events == ["in", "out"]


def left_waiting(kind: type) -> Any:
    """Return a connection whose page has gone while its cell runs."""
    connection = kind()
    connection.handle_outgoing_message(status("idle"))
    connection.handle_incoming_message(request("a"))
    connection.disconnect()
    assert "end" not in connection.events
    return connection


@pytest.mark.parametrize("new_is_first", [True, False])
def test_it_ends_once_another_hears_the_same(new_is_first: bool) -> None:
    """A page that comes back takes over, also what is still awaited; nothing is missed."""
    kind = lingering_connection(Connection)
    old, new = left_waiting(kind), kind()
    old.handle_outgoing_message(status("busy", "b", "m1"))
    assert "end" not in old.events
    for connection in (new, old) if new_is_first else (old, new):
        assert "end" not in old.events
        connection.handle_outgoing_message(status("busy", "b", "m2"))
    assert old.events[-1] == "end"
    new.disconnect()
    assert "end" not in new.events
    new.handle_outgoing_message(status("idle", "a"))
    assert new.events[-1] == "end"


def test_one_of_each_kernel_lingers() -> None:
    """However often a page comes back and goes; those of other kernels are left alone."""
    kind = lingering_connection(Connection)
    other = left_waiting(type("Other", (kind,), {"kernel_id": "k2"}))
    connections = [left_waiting(kind) for _ in range(5)]
    assert ["end" in one.events for one in connections] == [True, True, True, True, False]
    assert "end" not in other.events


def test_one_that_has_heard_nothing_yet_ends_no_other() -> None:
    """It takes over as soon as it has, also when its own page has gone."""
    kind = lingering_connection(Connection)
    old, new = left_waiting(kind), kind()
    new.handle_incoming_message(request("c"))
    new.disconnect()
    assert "end" not in old.events + new.events
    for connection in (old, new):
        connection.handle_outgoing_message(status("busy", "a", "m1"))
    assert old.events[-1] == "end"
    for msg_id in ("a", "c"):
        assert "end" not in new.events
        new.handle_outgoing_message(status("idle", msg_id))
    assert new.events[-1] == "end"


def test_one_that_is_gone_inherits_nothing() -> None:
    """A page that was open for a moment isn't there to hear the rest."""
    kind = lingering_connection(Connection)
    old, new = left_waiting(kind), kind()
    new.handle_outgoing_message(status("busy", "b", "m1"))
    new.disconnect()
    old.handle_outgoing_message(status("busy", "b", "m1"))
    assert "end" not in old.events
    old.handle_outgoing_message(status("idle", "a", "m2"))
    assert old.events[-1] == "end"
