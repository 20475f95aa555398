"""Batches are made ahead, in order, and no further than there is room for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from jupyter_session_export.errors import CancelledByUser, StoreDamaged
from jupyter_session_export.exports.crew import Crew
from jupyter_session_export.exports.transfer import Transfer
from jupyter_session_export.server.batches import BATCH_BYTES, MOST_AHEAD, Batches

SMALL = [b"%d" % number for number in range(1000)]
LARGE = [bytes([number]) * BATCH_BYTES for number in range(60)]


def transfer_of(chunks: Iterator[bytes]) -> Transfer:
    return Transfer("export.zip", lambda _: chunks)


async def all_of(transfer: Transfer) -> list[list[bytes]]:
    crew = Crew(2, "test")
    try:
        batches = Batches(transfer, crew)
        return [chunks async for chunks in _taken(batches)]
    finally:
        crew.close()


async def _taken(batches: Batches):  # type: ignore[no-untyped-def]
    while chunks := await batches.take():
        yield chunks


@pytest.mark.parametrize("chunks", [SMALL, LARGE, [b"one"], []])
def test_every_chunk_comes_in_order(chunks: list[bytes]) -> None:
    """What is taken is all chunks in their order."""
    taken = asyncio.run(all_of(transfer_of(iter(chunks))))
    assert list(chain.from_iterable(taken)) == chunks


def test_the_first_chunk_waits_for_no_other() -> None:
    """A client sees the beginning of a ZIP while the rest is still being made."""
    goes_on = threading.Event()

    def chunks() -> Iterator[bytes]:
        yield b"first"
        goes_on.wait(20)
        yield b"second"

    async def take() -> list[bytes]:
        crew = Crew(2, "test")
        try:
            return await Batches(transfer_of(chunks()), crew).take()
        finally:
            goes_on.set()
            crew.close()

    assert asyncio.run(take()) == [b"first"]


def test_all_that_is_made_is_taken_at_once() -> None:
    """What waits is sent in one go, and its makers are called on once for it."""

    async def take() -> list[bytes]:
        crew = Crew(2, "test")
        try:
            batches = Batches(transfer_of(iter(LARGE)), crew)
            await asyncio.to_thread(batches.work.result, 10)
            return await batches.take()
        finally:
            crew.close()

    assert asyncio.run(take()) == LARGE[:MOST_AHEAD]


def test_no_more_is_made_than_there_is_room_for() -> None:
    """A client that takes nothing keeps a few batches in memory, however long the ZIP is."""
    made: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(1000):
            made.append(number)
            yield LARGE[0]

    async def wait_and_take() -> None:
        crew = Crew(2, "test")
        try:
            batches = Batches(transfer_of(chunks()), crew)
            await asyncio.to_thread(batches.work.result, 10)
            assert len(made) == MOST_AHEAD
            taken = 0
            for _ in range(10):
                taken += len(await batches.take())
                await asyncio.to_thread(batches.work.result, 10)
                assert len(made) <= MOST_AHEAD + taken
        finally:
            crew.close()

    asyncio.run(wait_and_take())


def test_an_error_comes_after_what_was_made_before_it() -> None:
    """What the maker raises reaches who takes, once the batches before it are taken."""

    def chunks() -> Iterator[bytes]:
        yield from LARGE[:5]
        raise StoreDamaged("It is gone.")

    taken: list[list[bytes]] = []

    async def take() -> None:
        crew = Crew(2, "test")
        try:
            batches = Batches(transfer_of(chunks()), crew)
            while True:
                taken.append(await batches.take())
        finally:
            crew.close()

    with pytest.raises(StoreDamaged):
        asyncio.run(take())
    assert list(chain.from_iterable(taken)) == LARGE[:5]


def test_who_waits_for_a_maker_that_hangs_is_woken_by_a_stop() -> None:
    """A stopped transfer is told at once, whatever its maker does; what was set before is, too."""
    goes_on, told = threading.Event(), threading.Event()

    def chunks() -> Iterator[bytes]:
        yield b"first"
        goes_on.wait(20)
        yield from repeat(b"more")

    async def stop() -> None:
        crew = Crew(2, "test")
        transfer = transfer_of(chunks())
        transfer.on_stop = told.set
        try:
            batches = Batches(transfer, crew)
            assert await batches.take() == [b"first"]
            waiting = asyncio.create_task(batches.take())
            await asyncio.sleep(0)
            transfer.stop(CancelledByUser("It was cancelled."))
            with pytest.raises(CancelledByUser):
                await asyncio.wait_for(waiting, 10)
        finally:
            goes_on.set()
            crew.close()

    asyncio.run(stop())
    assert told.is_set()
