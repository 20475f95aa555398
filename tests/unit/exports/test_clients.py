"""Clients and their epochs."""

from __future__ import annotations

import pytest

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.exports.clients import MOST_CLIENTS, Clients, Origin, checked_id


@pytest.mark.parametrize("client_id", ["a", "A-1_b", "x" * 64])
def test_an_id_is_taken(client_id: str) -> None:
    """Letters, digits, hyphens and underscores, as a UUID has them."""
    assert checked_id(client_id) == client_id


@pytest.mark.parametrize("client_id", ["", "x" * 65, "a b", "ä", "a/b", "a\n", "..", "١"])
def test_anything_else_is_refused(client_id: str) -> None:
    """Ids appear in logs and paths."""
    with pytest.raises(InvalidRequest):
        checked_id(client_id)


def test_an_unknown_client_begins_with_epoch_0() -> None:
    """Each page load raises it, in its session only."""
    clients = Clients()
    client = clients.known("s1", "ada", "tab")
    assert (client.epoch, client.raised_at) == (0, None)
    client.raise_epoch()
    assert clients.known("s1", "ada", "tab").origin == Origin("s1", "tab", 1)
    assert clients.known("s2", "ada", "tab").epoch == 0
    assert client.to_json(3)["exports"] == 3


def test_a_client_knows_what_it_began() -> None:
    """The same tab in another session is another client."""
    client = Clients().known("s1", "ada", "tab")
    assert client.began(Origin("s1", "tab", 7))
    assert not client.began(Origin("s2", "tab", 7))
    assert not client.began(Origin("s1", "other", 7))
    assert not client.began(None)


def test_the_client_heard_of_longest_ago_makes_room() -> None:
    """It comes back with an epoch that it never had, so that its old exports are earlier ones."""
    clients = Clients()
    for number in range(MOST_CLIENTS):
        clients.known("s1", "ada", f"tab-{number}").epoch = number
    clients.known("s1", "ada", "tab-0")
    clients.known("s1", "ada", "one-more")
    names = [client.id for client in clients.of_session("s1")]
    assert len(names) == MOST_CLIENTS
    assert "tab-0" in names
    assert "tab-1" not in names
    assert clients.known("s1", "ada", "tab-1").epoch >= 1


def test_clients_are_found_by_owner_and_by_sign_in() -> None:
    """Nobody is told of another's."""
    clients = Clients()
    for session, owner, login in [("s1", "ada", "l1"), ("s1", "ada", "l2"), ("s2", "bob", "l1")]:
        clients.known(session, owner, f"{owner}-{login}").login = login
    assert [client.id for client in clients.of_owner("ada")] == ["ada-l1", "ada-l2"]
    assert [client.id for client in clients.of_login("l1")] == ["ada-l1", "bob-l1"]
    clients.forget_session("s1")
    assert clients.of_owner("ada") == []


def test_what_an_earlier_process_knew_is_taken_in() -> None:
    """The epoch never goes back."""
    clients = Clients()
    clients.restore(Origin("s1", "tab", 5), "ada")
    clients.restore(Origin("s1", "tab", 3), "ada")
    assert clients.known("s1", "ada", "tab").epoch == 5
