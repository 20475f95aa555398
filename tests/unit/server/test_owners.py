"""Who a request belongs to."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_server.auth import IdentityProvider, User

from jupyter_session_export.errors import NoStableIdentity
from jupyter_session_export.server.owners import Owner, Owners
from jupyter_session_export.settings import SessionExport


class Provider(IdentityProvider):
    """An identity provider that knows whether a cookie came along."""

    cookie: User | None = None

    def get_user_cookie(self, handler: Any) -> User | None:
        return self.cookie


def request(user: User, cookie: User | None = None) -> Any:
    provider = Provider()
    provider.cookie = cookie
    return SimpleNamespace(current_user=user, identity_provider=provider)


def generated() -> User:
    return User(uuid.uuid4().hex, "Anonymous Io", "Anonymous Io")


def test_names_in_the_record() -> None:
    """A made-up name tells two guests apart in owner mode "identity", and else nothing."""
    someone, grace = generated(), User("grace", "Grace", "Grace")
    of_server, of_each = Owners(SessionExport()), Owners(SessionExport(owner_mode="identity"))
    assert [of_server.name_of(user) for user in (someone, grace, None)] == [None, "grace", None]
    assert [of_each.name_of(user) for user in (someone, grace)] == [someone.username, "grace"]


async def test_the_whole_server_has_one_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """In owner mode "server" whoever asks is the account, or JupyterHub's user."""
    monkeypatch.setenv("JUPYTERHUB_USER", "grace")
    owners = Owners(SessionExport())
    assert await owners.of_request(request(generated())) == Owner("grace", False)
    assert await owners.of_starting_kernel() == Owner("grace", False)


async def test_a_signed_in_user_is_an_owner() -> None:
    """In owner mode "identity" the user's name is the owner's id."""
    owners = Owners(SessionExport(owner_mode="identity"))
    ada = User("ada", "Ada", "Ada")
    assert await owners.of_request(request(ada)) == Owner("ada", False)


async def test_a_made_up_user_is_a_guest_while_the_cookie_lasts() -> None:
    """An anonymous identity is kept by its cookie and by nothing else."""
    owners = Owners(SessionExport(owner_mode="identity"))
    user = generated()
    assert await owners.of_request(request(user, cookie=user)) == Owner(user.username, True)
    with pytest.raises(NoStableIdentity):
        await owners.of_request(request(user))


async def test_no_request_no_identity() -> None:
    """A kernel that nobody asked for has no owner in owner mode "identity"."""
    with pytest.raises(NoStableIdentity):
        await Owners(SessionExport(owner_mode="identity")).of_starting_kernel()
