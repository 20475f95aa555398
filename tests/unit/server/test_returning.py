from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any, cast

import pytest

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.exports.job import ExportJob
from jupyter_session_export.server.returning import Returning

LOG = logging.getLogger("test")
JOB = cast(Any, object())


class Shelf:
    """Stands for what lies on disk; `fail` makes the next look at it fail."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.fail = False

    def restore(self, owner: str) -> Sequence[ExportJob]:
        self.gate.wait(30)
        self.asked.append(owner)
        if self.fail:
            raise StoreUnavailable("no")
        return [JOB]


async def test_exports_come_back_once_for_each_owner() -> None:
    """Whoever asks meanwhile waits for it, and has them then."""
    shelf, adopted = Shelf(), list[Any]()
    returning = Returning(shelf.restore, adopted.extend, LOG)
    asking = [asyncio.create_task(returning.of(owner)) for owner in ("ada", "bob", "ada")]
    impatient = asyncio.create_task(returning.of("ada"))
    await asyncio.sleep(0)
    impatient.cancel()
    shelf.gate.set()
    await asyncio.gather(*asking)
    await returning.of("ada")
    assert sorted(shelf.asked) == ["ada", "bob"]
    assert adopted == [JOB, JOB]
    await returning.close()


async def test_what_failed_is_tried_again() -> None:
    """A data folder may be back by then."""
    shelf, adopted = Shelf(), list[Any]()
    shelf.gate.set()
    shelf.fail = True
    returning = Returning(shelf.restore, adopted.extend, LOG)
    with pytest.raises(StoreUnavailable):
        await returning.of("ada")
    shelf.fail = False
    await returning.of("ada")
    assert adopted == [JOB]
