"""Keys that open our routes for one session: for its kernels and for the command line.

Both lie in files of the account's own. A kernel is told of the one that can't reach the
outputs of other sessions.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..store.record import Record

SCHEME = "JupyterSessionExport"
"""The authorization scheme of RFC 9110, section 11 that our clients use."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key opens. `restores_all`: restoring may take from all of the owner's sessions."""

    session_id: str
    owner: str
    guest: bool
    restores_all: bool = False


class AccessKeys:
    """The keys that this server has given out, two for each session."""

    def __init__(self, url: Callable[[], str], certificate: Callable[[], str | None]) -> None:
        self._url = url
        self._certificate = certificate
        self._grants: dict[bytes, Grant] = {}
        self._keys: dict[Path, str] = {}
        self._written: dict[Path, bytes] = {}
        self._lock = threading.Lock()

    def write(self, record: Record) -> str:
        """Write both files, with new keys at the first call; return the path of the kernels' one.

        Any thread, but not the event loop's: it waits for the disk. Raises
        StoreUnavailable, unless what is to be written is there already.
        """
        with self._lock:
            self._write(record, record.folder.restore_json, restores_all=True)
            return self._write(record, record.folder.access_json)

    def _write(self, record: Record, path: Path, *, restores_all: bool = False) -> str:
        session = record.session
        key = self._keys.get(path)
        if key is None:
            key = self._keys[path] = secrets.token_urlsafe(32)
            grant = Grant(session.id, session.owner, session.guest, restores_all)
            self._grants[_digest(key)] = grant
        access = {
            "url": self._url(),
            "key": key,
            "session_id": session.id,
            "files": str(record.folder.outputs),
            "certificate": self._certificate(),
        }
        content = json.dumps(access).encode()
        if self._written.get(path) != content or not path.exists():
            record.folder.write_private(path, content)
            self._written[path] = content
        return str(path)

    def take_back(self, record: Record) -> None:
        """Make a session's keys open nothing, and remove their files."""
        for path in (record.folder.access_json, record.folder.restore_json):
            key = self._keys.pop(path, None)
            self._written.pop(path, None)
            if key is not None:
                del self._grants[_digest(key)]
                path.unlink(missing_ok=True)

    def grant(self, authorization: str) -> Grant | None:
        """Return what the key in an Authorization header opens; None for an unknown key."""
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        return self._grants.get(_digest(key.strip()))

    @staticmethod
    def is_ours(authorization: str) -> bool:
        """Tell whether an Authorization header uses our scheme."""
        return authorization.partition(" ")[0].lower() == SCHEME.lower()


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
