"""The sessions of a data folder: list, find, open, read."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from ..errors import (
    SessionLeased,
    SessionNotFound,
    StoreDamaged,
    StoreTooNew,
    StoreUnavailable,
)
from ..records.session import Session, SessionKey
from ..records.times import now
from .beginning import holds_nothing
from .faults import StoreFaults
from .folder import SessionFolder, private_folder
from .lease import Lease, holder_of
from .numbering import claim_number
from .pins import Pin, Pins
from .record import Record
from .room import Room
from .session_file import KnownSessions, read_session, write_session

if TYPE_CHECKING:
    from .custody import Custody
    from .reader import RecordReader

_log = logging.getLogger(__name__)
_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class DamagedSession:
    """A folder that holds no readable session, and why."""

    id: str
    reason: str


BEGINNING_SECONDS = 10.0
"""A folder without a record that is no older may be a session that begins."""


class Catalog:
    """What lies in `<data_dir>/sessions`; any thread. Nothing is made before the first `open`."""

    def __init__(self, data_dir: Path, room: Room | None = None) -> None:
        self.data_dir = data_dir
        self.room = room or Room()
        self.damaged: list[DamagedSession] = []
        """What the last `sessions` had to skip."""
        self.cut_off: list[str] = []
        """Of which it found no more than a beginning, left by a crash: it holds nothing."""
        self._told: dict[str, str] = {}
        self._pins: WeakValueDictionary[str, Pins] = WeakValueDictionary()
        self._pins_lock = threading.Lock()
        self._known = KnownSessions()

    def sessions(self, owner: str | None = None) -> list[Session]:
        """Return the sessions of an owner, or all, the newest first. Raises StoreUnavailable."""
        found, place = [], str(self.sessions_dir)
        damaged: list[DamagedSession] = []
        cut_off: list[str] = []
        seen = self._ids()
        for session_id in sorted(seen):
            try:
                session = self._known.read(place, session_id)
            except (StoreDamaged, StoreUnavailable) as error:
                folder = self.folder(session_id)
                if holder_of(folder) is not None or _is_beginning_or_gone(folder):
                    continue
                if holds_nothing(folder):
                    cut_off.append(session_id)
                else:
                    damaged.append(DamagedSession(session_id, error.detail or ""))
            else:
                if owner in (None, session.owner):
                    found.append(session)
        self.damaged, self.cut_off = damaged, cut_off
        self._tell(damaged)
        self._known.keep(seen)
        return sorted(found, key=lambda session: session.number, reverse=True)

    def find(self, session_id: str, owner: str | None = None) -> Session:
        """Raises SessionNotFound, also for another owner's; StoreDamaged if it can't be read."""
        folder = self.folder(session_id)
        if not _is_real_folder(folder.path):
            raise _not_found()
        session = self._known.read(str(self.sessions_dir), session_id)
        if owner not in (None, session.owner):
            raise _not_found()
        return session

    def folder(self, session_id: str) -> SessionFolder:
        """Return where a session lies or would lie. Raises SessionNotFound for what is no id."""
        if not _ID.fullmatch(session_id):
            raise _not_found()
        return SessionFolder(self.sessions_dir / session_id)

    def open(
        self, key: SessionKey, *, guest: bool = False, idle: timedelta | None = None
    ) -> Record:
        """Resume the newest session of this key that nobody writes and that didn't end; or begin.

        One that was not active for as long as `idle` has come to its end. A session
        that this version can't write (damaged, or of a newer version) is left as it
        is. Raises StoreUnavailable.
        """
        for session in self.sessions(key.owner):
            if idle is not None and now() - session.last_active_at >= idle:
                continue
            if session.key == key and session.guest == guest and session.ended_at is None:
                try:
                    record = self._resume(session)
                except SessionLeased:
                    continue
                except (StoreDamaged, StoreTooNew) as error:
                    _log.warning("Session %s is not resumed: %s", session.id, error.message)
                    continue
                if record is not None:
                    return record
        return self._begin(key, guest)

    def read(self, session_id: str, owner: str | None = None) -> RecordReader:
        """Open a session for reading. Raises SessionNotFound or another StoreError."""
        from .reader import RecordReader  # noqa: PLC0415  # no server needs it to start

        session = self.find(session_id, owner)
        return RecordReader(self.folder(session_id), session, self._pins_of(session_id))

    def custody(self, session_id: str) -> Custody:
        """Take a session that nobody uses. Raises SessionLeased, SessionInUse, SessionNotFound."""
        from .custody import Custody  # noqa: PLC0415  # no server needs it to start

        self.find(session_id)
        return Custody(self.folder(session_id), self._pins_of(session_id))

    def recover(self, session_id: str) -> Record | None:
        """Open a session for writing, to save what a crashed writer left; None if it has ended."""
        return self._resume(self.find(session_id))

    def pin(self, session_id: str) -> Pin:
        """Keep a session from being removed until the pin is released."""
        return self._pins_of(session_id).pin(frozenset())

    def in_use(self, session_id: str) -> bool:
        """Tell whether a live process writes or exports a session."""
        return self.is_written(session_id) or self.is_exported(session_id)

    def is_written(self, session_id: str) -> bool:
        """Tell whether a live process writes a session."""
        return holder_of(self.folder(session_id)) is not None

    def is_exported(self, session_id: str) -> bool:
        """Tell whether an export needs a session."""
        return self._pins_of(session_id).in_use

    def live_access(self, session_id: str, *, to_restore: bool = False) -> dict[str, Any] | None:
        """Return what `access.json`, or `restore.json`, says if a live process writes it."""
        folder = self.folder(session_id)
        file = folder.restore_json if to_restore else folder.access_json
        if holder_of(folder) is None:
            return None
        with suppress(OSError, ValueError):
            access = json.loads(file.read_bytes())
            return access if isinstance(access, dict) else None
        return None

    def _tell(self, damaged: Sequence[DamagedSession]) -> None:
        """Warn of each once: lists are asked for again and again."""
        told, self._told = self._told, {each.id: each.reason for each in damaged}
        for each in damaged:
            if told.get(each.id) != each.reason:
                _log.warning("Session %s is damaged. %s", each.id, each.reason)

    @property
    def sessions_dir(self) -> Path:
        return self.data_dir / "sessions"

    def _ids(self) -> set[str]:
        with StoreFaults("list the sessions"):
            try:
                with os.scandir(self.sessions_dir) as entries:
                    return {entry.name for entry in entries if _is_session(entry)}
            except FileNotFoundError:
                return set()

    def _resume(self, listed: Session) -> Record | None:
        folder = self.folder(listed.id)
        with StoreFaults("look at the record"):
            has_record = folder.database.is_file() and folder.database.stat().st_size > 0
        if not has_record:
            raise StoreDamaged("The session has no record.", f"{folder.database} is missing.")
        lease = Lease(folder)
        lease.acquire()
        try:
            # It may have been ended between the listing and the lease.
            session = read_session(folder)
            if session.ended_at is None:
                return Record(folder, session, lease, self._pins_of(session.id), self.room)
        except BaseException:
            lease.release()
            raise
        lease.release()
        return None

    def _begin(self, key: SessionKey, guest: bool) -> Record:
        self._create_data_dir()
        number = claim_number(self.data_dir / "numbers")
        folder = self.folder(uuid.uuid4().hex)
        try:
            return self._begin_in(folder, number, key, guest)
        except BaseException:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise

    def _begin_in(self, folder: SessionFolder, number: int, key: SessionKey, guest: bool) -> Record:
        private_folder(folder.path)
        at = now()
        session = Session(
            id=folder.session_id,
            number=number,
            owner=key.owner,
            guest=guest,
            root=key.root,
            started_at=at,
            last_active_at=at,
            kernel=key.kernel,
        )
        lease = Lease(folder)
        lease.acquire()
        try:
            record = Record(folder, session, lease, self._pins_of(session.id), self.room)
        except BaseException:
            lease.release()
            raise
        try:
            # Last, so that a session which is listed has a record.
            write_session(folder, record.session, durable=True)
        except BaseException:
            record.close()
            raise
        return record

    def _create_data_dir(self) -> None:
        with StoreFaults("make the data folder"):
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            self.data_dir.mkdir(mode=0o700, exist_ok=True)
            self.sessions_dir.mkdir(mode=0o700, exist_ok=True)

    def _pins_of(self, session_id: str) -> Pins:
        with self._pins_lock:
            return self._pins.setdefault(session_id, Pins(self.folder(session_id)))


def _is_session(entry: os.DirEntry[str]) -> bool:
    return bool(_ID.fullmatch(entry.name)) and entry.is_dir(follow_symlinks=False)


def _is_real_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_beginning_or_gone(folder: SessionFolder) -> bool:
    """Whether another begins it at this moment (its lease comes next), or has removed it."""
    try:
        age = time.time() - folder.path.stat().st_mtime
        has_record = folder.database.exists()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return not has_record and age < BEGINNING_SECONDS


def _not_found() -> SessionNotFound:
    return SessionNotFound("There is no such session.", "It may have ended and been removed.")
