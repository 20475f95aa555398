"""Asking for an export in a kernel that a gateway runs."""

from __future__ import annotations

from argparse import Namespace
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.kernel import gateway

ARGUMENTS = {"path": None, "session": None, "notebook": True, "include": "code"}


class NotingSession:
    """What a kernel sends by, which only notes it."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, ...]] = []

    def send(self, socket: Any, msg_type: str, content: Any, parent: Any) -> None:
        self.sent.append((socket, msg_type, content, parent))


def shell(session: NotingSession) -> Any:
    kernel = SimpleNamespace(session=session, iopub_socket="iopub", get_parent=lambda: "parent")
    return SimpleNamespace(kernel=kernel)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"KERNEL_GATEWAY": "1"}, True),
        ({"KERNEL_GATEWAY": "1", "JPY_SESSION_EXPORT": "access.json"}, False),
    ],
)
def test_who_must_ask(environment: dict[str, str], expected: bool) -> None:
    """A gateway's kernel, unless it was told how to reach a server that records it."""
    assert gateway.runs_by_gateway(environment) is expected


def test_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes out as the cell's own, after the output in which the answer will be."""
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr(gateway, "_show", lambda data, **options: shown.append(options))
    session = NotingSession()
    gateway.ask(shell(session), Namespace(**ARGUMENTS, compression="fast"))
    ((socket, msg_type, content, parent),) = session.sent
    assert (socket, msg_type, parent) == ("iopub", "session_export_request", "parent")
    assert content.pop("display_id") == shown[0]["display_id"]
    assert content == {
        "session_id": None,
        "notebook": True,
        "include": "code",
        "compression": "fast",
    }


def test_a_path_is_refused() -> None:
    """Nothing is asked for then."""
    session = NotingSession()
    with pytest.raises(InvalidRequest, match="no way to write"):
        gateway.ask(shell(session), Namespace(**{**ARGUMENTS, "path": "x"}, compression=None))
    assert session.sent == []
