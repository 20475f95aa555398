from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.errors import KernelsRunning
from jupyter_session_export.records.session import Session, SessionKey
from jupyter_session_export.server.life import SessionLife
from jupyter_session_export.server.owners import Owner
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

ADA = Owner("ada", guest=False)


class OneSession:
    """The sessions of a server that has one."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.ended = False

    async def find(self, owner: Owner, session_id: str | None) -> Session:
        return self._record.session

    def record_of(self, session_id: str) -> Record:
        return self._record

    def is_hosted(self, session_id: str) -> bool:
        return False

    async def end(self, record: Record) -> None:
        self.ended = True


class Kernels:
    """A kernel watch whose kernels are what a test says."""

    def __init__(self) -> None:
        self.running: list[str] = []

    def of_session(self, session_id: str) -> list[str]:
        return self.running


class Epochs:
    """Waits for exports to end; a kernel may start meanwhile."""

    def __init__(self, kernels: Kernels, *, starts: bool) -> None:
        self._kernels, self._starts = kernels, starts

    async def end_session(self, session: Session, why: str) -> None:
        self._kernels.running += ["k1"] * self._starts


@pytest.mark.parametrize("starts", [False, True])
async def test_a_session_ends_only_without_kernels(tmp_path: Path, *, starts: bool) -> None:
    """Nor while one starts that its exports were waited for: it would not be recorded."""
    record = Catalog(tmp_path).open(SessionKey("ada", ""))
    sessions, kernels = OneSession(record), Kernels()
    parts: dict[str, Any] = {
        "sessions": sessions,
        "epochs": Epochs(kernels, starts=starts),
        **dict.fromkeys(("catalog", "recorder", "exports", "cleaner", "live")),
    }
    life = SessionLife(log=logging.getLogger(), **parts)
    life.kernels = kernels  # type: ignore[assignment]  # the part of it that is asked
    if starts:
        with pytest.raises(KernelsRunning):
            await life.end(ADA, None, shut_down=False)
    else:
        await life.end(ADA, None, shut_down=False)
    assert sessions.ended is not starts
    record.close()
