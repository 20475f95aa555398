"""One sending of a ZIP: an iterator of chunks that another thread may stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy

from ..errors import ExportCancelled, SessionExportError

Check = Callable[[], None]
"""Raises what ended the export, if something did."""


class Transfer:
    """Chunks of a ZIP, made by whichever thread iterates; `length` and `etag` where known.

    `length` is what this sending has, from the ZIP's byte `first_byte` on; `sent` how
    much of it has gone. `on_stop`, where one is set, is called by `stop`: it wakes who
    waits for a client. `error` is what the maker raised, if it did.
    """

    def __init__(
        self,
        filename: str,
        make: Callable[[Check], Iterator[bytes]],
        *,
        length: int | None = None,
        etag: str | None = None,
        first_byte: int = 0,
        ended: Callable[[Transfer], None] | None = None,
    ) -> None:
        self.filename = filename
        self.length = length
        self.etag = etag
        self.first_byte = first_byte
        self.whose = ""
        """Whom the threads that make its chunks work for."""
        self.sent = 0
        self.completed = False
        """Whether all of it has been handed to the connection."""
        self.error: SessionExportError | None = None
        self.reason: ExportCancelled | None = None
        self.on_stop: Callable[[], None] | None = None
        self._ended = ended
        self._chunks = make(self._check)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except SessionExportError as error:
            # A copy, which does not hold on to what was at hand where it arose.
            self.error = copy(error)
            raise

    def stop(self, reason: ExportCancelled) -> None:
        """Have the maker raise this at its next check; the first reason stays."""
        if self.reason is None:
            self.reason = reason
            if self.on_stop:
                self.on_stop()

    def close(self) -> None:
        """Let go of what the maker holds; it may block, and no thread may iterate any more."""
        close = getattr(self._chunks, "close", None)
        if close:
            close()

    def then(self, ended: Callable[[Transfer], None]) -> None:
        """Have one more told that this sending has ended."""
        before = self._ended

        def both(transfer: Transfer) -> None:
            if before:
                before(transfer)
            ended(transfer)

        self._ended = both

    def end(self) -> None:
        """Tell the export that this sending has ended."""
        if self._ended:
            self._ended(self)

    def _check(self) -> None:
        if self.reason:
            raise copy(self.reason)
