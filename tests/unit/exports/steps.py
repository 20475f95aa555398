"""What a registry calls, held back by a gate."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_session_export.exports.job import ExportJob
from jupyter_session_export.records.session import Session
from jupyter_session_export.records.times import now


@dataclass
class Prepared:
    """Stands for a prepared ZIP: the registry only hands it on."""

    length: int = 7
    etag: str = '"e"'
    left_out: int = 3


@dataclass
class Steps:
    """What the registry calls, with a gate that holds the worker back."""

    gate: threading.Event = field(default_factory=threading.Event)
    discarded: list[ExportJob] = field(default_factory=list)
    failure: Exception | None = None
    deaf: bool = False
    """Whether the worker never asks if it is still wanted."""
    endless: bool = False
    """Whether the record never comes up to date."""

    slowness: float = 0.0
    """Seconds that it takes to remove what an export left."""

    async def settle(self, job: ExportJob) -> None:
        job.progress.watch.enter("settling")
        if self.endless:
            await asyncio.Event().wait()

    def prepare(self, job: ExportJob) -> Any:
        while not self.gate.wait(0.01):
            if not self.deaf:
                job.check()
        if self.failure:
            raise self.failure
        return Prepared()

    def discard(self, job: ExportJob) -> None:
        time.sleep(self.slowness)
        self.discarded.append(job)


def session(owner: str = "ada") -> Session:
    at = now()
    return Session(
        id="0" * 32, number=1, owner=owner, guest=False, root="", started_at=at, last_active_at=at
    )


async def until(condition: Callable[[], bool]) -> None:
    """Give the loop its turns until the condition holds; pytest's timeout bounds it."""
    while not condition():
        await asyncio.sleep(0.005)
