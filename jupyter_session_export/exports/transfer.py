"""One sending of a ZIP: an iterator of chunks that another thread may stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..errors import ClientDisconnected, ExportCancelled

Check = Callable[[], None]
"""Raises what ended the export, if something did."""


class Transfer:
    """Chunks of a ZIP, made by whichever thread iterates; `length` and `etag` where known."""

    def __init__(
        self,
        filename: str,
        make: Callable[[Check], Iterator[bytes]],
        *,
        length: int | None = None,
        etag: str | None = None,
        check: Check | None = None,
        ended: Callable[[], None] | None = None,
    ) -> None:
        self.filename = filename
        self.length = length
        self.etag = etag
        self._outer_check = check
        self._ended = ended
        self._stopped: ExportCancelled | None = None
        self._chunks = make(self._check)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def stop(self) -> None:
        """Tell the maker to end; it raises ClientDisconnected at its next check."""
        self._stopped = ClientDisconnected("The client went away during the download.")

    def close(self) -> None:
        """Let go of what the maker holds; it may block, and no thread may iterate any more."""
        close = getattr(self._chunks, "close", None)
        if close:
            close()

    def end(self) -> None:
        """Tell the export that this sending has ended."""
        if self._ended:
            self._ended()

    def _check(self) -> None:
        if self._stopped:
            raise self._stopped
        if self._outer_check:
            self._outer_check()
