"""The store's own key, with which it signs what it will later trust."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from ...errors import StoreDamaged
from ...store.faults import StoreFaults
from ...store.folder import open_private, write_all

NAME = "state.key"
BYTES = 32


class StoreKey:
    """`<data_dir>/state.key`: made at its first use, 0600; a state is worth nothing without it."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / NAME

    def sign(self, content: bytes) -> str:
        """Return the HMAC-SHA256, in hex. Raises StoreUnavailable."""
        return hmac.new(self._key(), content, hashlib.sha256).hexdigest()

    def signed(self, content: bytes, signature: str) -> bool:
        """Tell whether a signature is right, in a time that doesn't depend on it."""
        return hmac.compare_digest(self.sign(content).encode(), signature.encode())

    def _key(self) -> bytes:
        with StoreFaults("read the store's key"):
            if (key := self._read()) is None:
                key = self._made()
        return key

    def _read(self) -> bytes | None:
        with suppress(FileNotFoundError):
            descriptor = open_private(self._path, os.O_RDONLY)
            try:
                key = os.read(descriptor, BYTES)
            finally:
                os.close(descriptor)
            if len(key) < BYTES:
                raise StoreDamaged("The store's key is damaged.", f"{self._path} is too short.")
            return key
        return None

    def _made(self) -> bytes:
        """Make the key whole under another name: of two makers one wins, and both read its key."""
        fresh = self._path.with_name(f".{NAME}.{secrets.token_hex(6)}")
        descriptor = open_private(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            write_all(descriptor, secrets.token_bytes(BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(fresh, self._path)
        except FileExistsError:
            pass
        except OSError:
            # Not every file system has links.
            fresh.rename(self._path)
        finally:
            fresh.unlink(missing_ok=True)
        key = self._read()
        if key is None:
            raise FileNotFoundError(str(self._path))
        return key
