"""How a sending ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.errors import ClientDisconnected
from jupyter_session_export.exports.crew import Crew
from jupyter_session_export.exports.transfer import Transfer
from jupyter_session_export.server.streaming import send_chunks

CHUNKS = [b"one", b"two"]
GONE = ClientDisconnected("The client went away during the download.")


class Connection:
    """A handler whose client goes away as soon as it has so many chunks."""

    def __init__(self, transfer: Transfer, chunks: int) -> None:
        self.request, self._headers = SimpleNamespace(connection=None), dict[str, str]()
        self.got: list[bytes] = []
        self._transfer, self._chunks = transfer, chunks

    def write(self, piece: bytes) -> None:
        self.got.append(piece)

    async def flush(self) -> None:
        if len(self.got) == self._chunks:
            self._transfer.stop(GONE)


async def send(length: int | None, chunks: int) -> Transfer:
    transfer, crew = Transfer("export.zip", lambda _: iter(CHUNKS), length=length), Crew(2, "test")
    connection: Any = Connection(transfer, chunks)
    try:
        await send_chunks(connection, transfer, crew)
    except ClientDisconnected:
        assert not transfer.completed
    else:
        assert connection.got == CHUNKS
    finally:
        crew.close()
    return transfer


@pytest.mark.parametrize("chunks", [2, 3])
def test_all_of_it_is_complete(chunks: int) -> None:
    """A client that leaves with the last byte of what was promised has had all."""
    transfer = asyncio.run(send(6, chunks))
    assert (transfer.completed, transfer.sent) == (True, 6)


@pytest.mark.parametrize(("length", "chunks"), [(6, 1), (None, 1)])
def test_what_is_cut_is_not_complete(length: int | None, chunks: int) -> None:
    """Nobody knows that there was no more to come, where no length was promised."""
    transfer = asyncio.run(send(length, chunks))
    assert not transfer.completed
