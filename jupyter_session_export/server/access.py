"""Keys that open our routes for one session: for its kernels and the account's command line."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..store.record import Record

SCHEME = "JupyterSessionExport"
"""The authorization scheme of RFC 9110, section 11 that our clients use."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key opens."""

    session_id: str
    owner: str
    guest: bool


class AccessKeys:
    """The keys that this server has given out, one for each session."""

    def __init__(self, url: Callable[[], str], certificate: Callable[[], str | None]) -> None:
        self._url = url
        self._certificate = certificate
        self._grants: dict[bytes, Grant] = {}
        self._keys: dict[str, str] = {}
        self._written: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def write(self, record: Record) -> str:
        """Write the session's `access.json`, with a new key at the first call; return its path.

        Any thread, but not the event loop's: it waits for the disk. Raises
        StoreUnavailable, unless what is to be written is there already.
        """
        with self._lock:
            return self._write(record)

    def _write(self, record: Record) -> str:
        session = record.session
        key = self._keys.get(session.id)
        if key is None:
            key = self._keys[session.id] = secrets.token_urlsafe(32)
            self._grants[_digest(key)] = Grant(session.id, session.owner, session.guest)
        access = {
            "url": self._url(),
            "key": key,
            "session_id": session.id,
            "files": str(record.folder.outputs),
            "certificate": self._certificate(),
        }
        path, content = record.folder.access_json, json.dumps(access).encode()
        if self._written.get(session.id) != content or not path.exists():
            record.folder.write_private(path, content)
            self._written[session.id] = content
        return str(path)

    def take_back(self, record: Record) -> None:
        """Make a session's key open nothing, and remove its file."""
        key = self._keys.pop(record.session.id, None)
        self._written.pop(record.session.id, None)
        if key is not None:
            del self._grants[_digest(key)]
            record.folder.access_json.unlink(missing_ok=True)

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
