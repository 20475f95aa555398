"""An export that a kernel of a gateway asks for, by a message that anything it runs may forge."""

from __future__ import annotations

import asyncio
import json
import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jupyter_session_export.server.gateway_magic import GatewayMagic

OWN, OTHER = "1" * 32, "2" * 32


class Service:
    """Notes which sessions are exported, each by a job that is over at once."""

    def __init__(self) -> None:
        session = SimpleNamespace(id=OWN, owner="ada", guest=False)
        self.sessions = SimpleNamespace(record_of=lambda id_: SimpleNamespace(session=session))
        self.settings = SimpleNamespace(compression="balanced")
        self.exporting = self
        self.exported: list[str] = []

    async def begin(self, owner: Any, session_id: str, request: Any) -> Any:
        self.exported.append(session_id)
        over = asyncio.Event()
        over.set()
        prepared = SimpleNamespace(length=7)
        return SimpleNamespace(
            id="e", over=over, error=None, prepared=prepared, left_out=0, filename="a.zip"
        )


class Connection:
    """Notes what is told to its page."""

    def __init__(self) -> None:
        self.kernel_id = "k1"
        self.websocket_handler = self
        self.told: asyncio.Queue[str] = asyncio.Queue()

    def write_message(self, text: str) -> None:
        self.told.put_nowait(json.loads(text)["content"]["data"]["text/plain"])


@pytest.mark.parametrize(
    ("named", "exported"),
    [(None, [OWN]), (OWN, [OWN]), (OTHER, []), ("", []), (7, []), ([OWN], [])],
)
async def test_a_kernel_exports_its_own_session_only(named: object, exported: list[str]) -> None:
    """Any other id is refused, whoever that session belongs to."""
    service, connection = Service(), Connection()
    kernels = SimpleNamespace(session_of=lambda kernel_id: OWN)
    magic = GatewayMagic(
        cast(Any, service), cast(Any, kernels), cast(Any, None), "/", logging.getLogger("test")
    )
    content = {"display_id": "d", "session_id": named}
    header = {"msg_id": "m"}
    magic.hear(connection, {"header": header, "parent_header": header, "content": content})
    told = await asyncio.wait_for(connection.told.get(), 30)
    assert service.exported == exported
    assert ("its own session only" in told) == (not exported)
    await magic.close()
