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


def status(state: str, parent: str | None = None) -> str:
    header = {"msg_id": parent} if parent else None
    return json.dumps({"parent_header": header, "content": {"execution_state": state}})


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
