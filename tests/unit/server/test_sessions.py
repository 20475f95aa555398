from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.server.access import AccessKeys
from jupyter_session_export.server.owners import Owner
from jupyter_session_export.server.sessions import OpenSessions
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

ADA = Owner("ada", guest=False)


class Recorder:
    """Closes what it is given, and records nothing."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def attach_session(self, record: Record) -> None:
        self._records[record.session.id] = record

    def note(self, session_id: str, deed: Any) -> None: ...

    async def detach_session(self, session_id: str, *_: Any, **__: Any) -> None:
        self._records[session_id].close()


@pytest.mark.parametrize("ends", [True, False])
async def test_keys_go_in_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, ends: bool
) -> None:
    """With a session or with the server: a disk that hangs holds up nobody else."""
    recorder: Any = Recorder()
    keys = AccessKeys(lambda: "http://localhost/", lambda: None)
    threads: list[threading.Thread] = []
    real = keys.take_back

    def take_back(record: Record) -> None:
        threads.append(threading.current_thread())
        real(record)

    monkeypatch.setattr(keys, "take_back", take_back)
    log = logging.getLogger()
    sessions = OpenSessions(Catalog(tmp_path), recorder, keys, "", log, opened=lambda _: None)
    record = await sessions.of(ADA)
    assert record.folder.access_json.exists()
    await (sessions.end(record) if ends else sessions.close())
    assert not record.folder.access_json.exists()
    assert sessions.open_here == []
    assert threads
    assert threading.main_thread() not in threads
