"""Who does what is being done now."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

from jupyter_server.auth import User

from jupyter_session_export.server.actors import Actors
from jupyter_session_export.server.owners import Owners
from jupyter_session_export.settings import SessionExport


def actors(**settings: Any) -> Actors:
    sessions: Any = SimpleNamespace(open_of=lambda owner: None)
    return Actors(Owners(SessionExport(**settings)), sessions)


def test_a_made_up_name_is_the_owner_of_the_server() -> None:
    """A bare token stands for another name at each request; nobody would know them by it."""
    made_up = User(uuid.uuid4().hex, "Anonymous Io", "Anonymous Io")
    of_server, of_each = actors(), actors(owner_mode="identity")
    owner = Owners(SessionExport()).of_server
    assert owner is not None
    assert of_server.name_of(made_up) == owner.id
    assert of_each.name_of(made_up) == made_up.username
    assert of_server.name_of(User("grace")) == of_each.name_of(User("grace")) == "grace"
    assert of_server.name_of(None) is None
