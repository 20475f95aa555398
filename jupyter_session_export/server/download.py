"""Responses that are files: ZIPs, and a session's own."""

from __future__ import annotations

from typing import Any

from ..errors import ClientDisconnected, RangeNotSatisfiable, SessionExportError
from ..exports.transfer import Transfer
from .base import SessionExportHandler
from .ranges import ByteRange, wanted_range
from .streaming import send_chunks


class ArchiveHandler(SessionExportHandler):
    """Sends a file in bounded memory, and cuts the connection rather than end a broken one well."""

    content_type = "application/zip"

    _transfer: Transfer | None = None
    _unsatisfied_size: int | None = None

    def wanted(self, size: int, etag: str, modified: float | None = None) -> ByteRange | None:
        """Return the range that is asked for; None for the whole. Raises RangeNotSatisfiable."""
        try:
            return wanted_range(self.request.headers, size, etag, modified)
        except RangeNotSatisfiable:
            self._unsatisfied_size = size
            raise

    def answer_part(self, part: ByteRange) -> None:
        """Say that the answer is a part, and which."""
        self.set_status(206)
        self.set_header("Content-Range", part.content_range)

    def describe(self, transfer: Transfer) -> None:
        """Set the headers of a download."""
        self.set_header("Content-Type", self.content_type)
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        # nginx would hold back what it buffers, and a proxy's clock runs until the first bytes.
        self.set_header("X-Accel-Buffering", "no")
        # Only what has a tag can be asked for again.
        self.set_header("Accept-Ranges", "none" if transfer.etag is None else "bytes")
        self.set_attachment_header(transfer.filename)
        if transfer.length is not None:
            self.set_header("Content-Length", str(transfer.length))
        if transfer.etag is not None:
            self.set_header("ETag", transfer.etag)

    async def send(self, transfer: Transfer) -> None:
        """Send a file, prepared or made meanwhile, and close it."""
        self.describe(transfer)
        self._transfer = transfer
        transfer.on_stop = self._cut
        try:
            await send_chunks(self, transfer, self.service.senders)
        except Exception as error:
            if not self._headers_written:
                self.clear()
                raise
            # Finishing the response would make a broken file look whole.
            self._cut()
            self._tell(error)
        else:
            # A client may close the connection as soon as it has the last byte.
            if not self._finished:
                self.finish(set_content_type=self.content_type)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        if self._unsatisfied_size is not None:
            self.set_header("Content-Range", f"bytes */{self._unsatisfied_size}")
        super().write_error(status_code, **kwargs)

    def on_connection_close(self) -> None:
        """Stop at once, also while nothing is being written."""
        if self._transfer is not None:
            self._transfer.stop(ClientDisconnected("The client went away during the download."))
        super().on_connection_close()

    def _cut(self) -> None:
        """Close the connection; whoever waits for the client to read learns of it."""
        self._finished = True
        stream: Any = self.request.connection.stream  # type: ignore[union-attr]
        stream.close()

    def _tell(self, error: Exception) -> None:
        if isinstance(error, ClientDisconnected):
            self.log.info("The client left during %s.", self.request.path)
        elif isinstance(error, SessionExportError):
            self.log.warning("%s ended early: %s (%s)", self.request.path, error, error.code)
        else:
            self.log.error("%s ended early", self.request.path, exc_info=error)
