"""`session.json`: what a list needs to know of a session."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Container
from pathlib import Path

from ..errors import StoreDamaged
from ..records.session import Session
from .faults import StoreFaults
from .folder import SESSION_JSON, SessionFolder

Stamp = tuple[int, int, int]
"""Inode, modification in nanoseconds, bytes: all writers replace the file by a new one."""
SETTLED_NANOSECONDS = 2 * 10**9


def write_session(folder: SessionFolder, session: Session, *, durable: bool = False) -> None:
    content = json.dumps(session.to_json(), indent=1).encode()
    folder.write_private(folder.session_json, content, durable=durable)


def read_session(folder: SessionFolder) -> Session:
    """Raises StoreDamaged where it is missing or not that of this folder."""
    with StoreFaults("read session.json"):
        try:
            session = Session.from_json(json.loads(folder.session_json.read_bytes()))
        except FileNotFoundError as error:
            raise _damaged(folder, "session.json is missing.") from error
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise _damaged(folder, f"session.json: {error!r}") from error
    if session.id != folder.session_id:
        raise _damaged(folder, f"session.json is that of {session.id}.")
    return session


class KnownSessions:
    """What was read of sessions before, as long as their files are the same; any thread.

    A list of 1,000 sessions would otherwise parse as many files at each poll.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Stamp, Session]] = {}

    def read(self, sessions_dir: str, session_id: str) -> Session:
        """Return the session of a folder in `sessions_dir`. Raises as `read_session`."""
        # As text: a list of 1,000 is asked for again and again, and paths are slow to make.
        stamp = _stamp(f"{sessions_dir}{os.sep}{session_id}{os.sep}{SESSION_JSON}")
        known = self._known.get(session_id)
        if known is not None and known[0] == stamp:
            return known[1]
        session = read_session(SessionFolder(Path(sessions_dir, session_id)))
        # One that was written moments ago may be replaced within the same tick of the clock.
        if stamp is not None and time.time_ns() - stamp[1] > SETTLED_NANOSECONDS:
            self._known[session.id] = stamp, session
        return session

    def keep(self, session_ids: Container[str]) -> None:
        """Forget all but these."""
        for session_id in [one for one in list(self._known) if one not in session_ids]:
            self._known.pop(session_id, None)


def _stamp(path: str) -> Stamp | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None  # reading it says why
    return status.st_ino, status.st_mtime_ns, status.st_size


def _damaged(folder: SessionFolder, why: str) -> StoreDamaged:
    return StoreDamaged(f"Session {folder.session_id} is damaged.", why)
