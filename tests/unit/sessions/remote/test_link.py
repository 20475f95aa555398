"""What a link to a server's kernel makes of messages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.client.access import Access
from jupyter_session_export.sessions.remote.link import RemoteLink


@pytest.fixture
async def link() -> RemoteLink:
    """One that has heard the kernel's process `first`."""
    server: Any = SimpleNamespace(access=Access(url="http://nowhere", key=""))
    link = RemoteLink(server, "k", "python3", "python")
    link._take(message("kernel_info_reply", "first"))
    return link


def message(kind: str, sender: str, asker: str | None = "mine", **content: Any) -> dict[str, Any]:
    """Return a message about an execution that `asker` has asked for."""
    parent = {"msg_id": "m1", "msg_type": "execute_request", "session": asker}
    return {
        "header": {"msg_type": kind, "session": sender},
        "parent_header": parent if asker else {},
        "content": content,
        "channel": "shell" if kind.endswith("_reply") else "iopub",
    }


@pytest.mark.parametrize("kind", ["status", "execute_reply", "kernel_info_reply"])
async def test_another_process_is_another_kernel(link: RemoteLink, kind: str) -> None:
    """Whichever of its messages comes first, and whoever has asked for it."""
    link._take(message("status", "first", "other", execution_state="busy"))
    assert link.ended is None
    link._take(message(kind, "second", "other"))
    assert link.ended is not None
    assert "Somebody else" in link.ended.message


async def test_what_a_server_writes_itself_is_no_other_kernel(link: RemoteLink) -> None:
    """That it leaves out what comes too fast; nor is a kernel that answers by the asker's name."""
    link._take(message("stream", "server", name="stderr", text="rate exceeded"))
    link._take(message("status", "mine", execution_state="idle"))
    link._take(message("status", "second", None, execution_state="starting"))
    assert link.ended is None


async def test_it_is_busy_for_whomever(link: RemoteLink) -> None:
    """Until that execution is idle."""
    link._take(message("status", "first", "other", execution_state="busy"))
    assert link.busy
    link._take(message("status", "first", "other", execution_state="idle"))
    assert not link.busy
