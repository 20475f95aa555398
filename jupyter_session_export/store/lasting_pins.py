"""Pins that outlive a process: content of the record that a ZIP which is ready still needs."""

from __future__ import annotations

from collections.abc import Iterable

from .faults import StoreFaults
from .folder import SessionFolder, private_folder

_SUFFIX = ".kept"
_DIGEST_BYTES = 32


class LastingPins:
    """A file of digests for each name, in a session's folder of pins.

    They hold no session: one that is removed takes them along.
    """

    def __init__(self, folder: SessionFolder) -> None:
        self._folder = folder

    def pin(self, name: str, digests: Iterable[bytes]) -> None:
        """Pin contents by their SHA-256 until `drop`, whatever becomes of this process.

        Raises StoreUnavailable.
        """
        content = b"".join(sorted(set(digests)))
        path = private_folder(self._folder.pins) / f"{name}{_SUFFIX}"
        self._folder.write_private(path, content)

    def drop(self, name: str) -> None:
        """Let them go; more than once does no harm. Raises StoreUnavailable."""
        with StoreFaults("let go of pinned content"):
            (self._folder.pins / f"{name}{_SUFFIX}").unlink(missing_ok=True)

    def drop_all(self) -> None:
        """Let everything go. Raises StoreUnavailable."""
        with StoreFaults("let go of pinned content"):
            for path in self._folder.pins.glob(f"*{_SUFFIX}"):
                path.unlink(missing_ok=True)

    def pinned(self) -> set[bytes]:
        """Return the SHA-256 of all that is pinned. Raises StoreUnavailable."""
        digests: set[bytes] = set()
        with StoreFaults("read what is pinned"):
            for path in self._folder.pins.glob(f"*{_SUFFIX}"):
                content = path.read_bytes()
                digests.update(
                    content[at : at + _DIGEST_BYTES] for at in range(0, len(content), _DIGEST_BYTES)
                )
        return digests
