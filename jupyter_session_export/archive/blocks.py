"""A large file, read in order and deflated in blocks by as many workers as there are."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from typing import NamedTuple

import deflate

from ..content.codec import BLOCK_BYTES
from ..content.deflating import PRIME_BYTES, Deflating
from ..content.trial import is_worth_deflating
from ..records.content import DEFLATED, STORED, Sealed
from .entries import Disposition, Entry, OnDisk
from .files import Identity, OpenFile
from .workers import Workers


class Block(NamedTuple):
    """A piece of a member: what to keep of it."""

    kept: bytes
    last: bool


class Blocks:
    """The blocks of one entry. `media` deflates what does not shrink; None: only look at it.

    Whoever of the workers is free takes the next block: reading and hashing are
    done in order under a lock, deflating is not. A block is primed with what was
    read before it, not with what the file holds by then.
    """

    def __init__(
        self,
        entry: Entry,
        source: OnDisk,
        workers: Workers,
        how: Deflating,
        media: Deflating | None,
    ) -> None:
        self.entry = entry
        self._source = source
        self.promised = 0
        self.method = STORED
        self.disposition: Disposition = "included"
        self.reason: str | None = entry.note
        self.identity: Identity | None = None
        self._workers = workers
        self._how: Deflating | None = how
        self._media = media
        self._file: OpenFile | None = None
        self._lock = threading.Lock()
        self._digest = hashlib.sha256()
        self._crc = self._read = self._kept = 0
        self._prime = b""
        self._ended = False
        self._waited: deque[Future[Block]] = deque()
        self._unfilled: deque[Future[Block]] = deque()
        self._ahead()

    def open(self) -> None:
        """Wait until the file is open and `promised` and `method` are known. Raises Unpackable."""
        self._workers.result(self._waited[0])

    def __iter__(self) -> Iterator[bytes]:
        """Yield what to keep, at least once per block. To be called after `open`."""
        last = False
        while not last:
            block = self._workers.result(self._waited.popleft())
            last = block.last
            if not last:
                self._ahead()
            self._kept += len(block.kept)
            yield block.kept

    @property
    def read(self) -> int:
        """How many raw bytes were read so far."""
        return self._read

    @property
    def sealed(self) -> Sealed:
        """What became of it, when all blocks were seen."""
        stored_size = self._kept if self._how else self._read
        return Sealed(self._digest.hexdigest(), self._read, stored_size, self._crc, self.method)

    def only_look(self) -> None:
        """Don't deflate: only read and hash. To be called between `open` and the first block."""
        self._how, self.method = None, STORED

    def close(self) -> None:
        """Close the file, unless a worker hangs in it."""
        if self._lock.acquire(timeout=0.05):
            try:
                if self._file:
                    self._file.close()
                self._ended = True
            finally:
                self._lock.release()

    def _ahead(self) -> None:
        while len(self._waited) < 2 * self._workers.count:
            future: Future[Block] = Future()
            self._waited.append(future)
            self._unfilled.append(future)
            self._workers.run(self._fill)

    def _fill(self) -> None:
        future: Future[Block] | None = None
        try:
            with self._lock:
                future = self._unfilled.popleft()
                raw, prime, last = self._next()
                how = self._how
            kept = how.block(raw, prime, last=last) if how else b""
            future.set_result(Block(kept, last))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
            if future is not None:
                future.set_exception(error)

    def _next(self) -> tuple[bytes, bytes, bool]:
        if self._ended:
            return b"", b"", True
        file = self._file or self._open()
        wanted = min(BLOCK_BYTES, self.promised - self._read)
        raw = self._read_block(file, wanted)
        self._digest.update(raw)
        self._crc = deflate.crc32(raw, self._crc)
        self._read += len(raw)
        prime, self._prime = self._prime, raw[-PRIME_BYTES:]
        self._ended = len(raw) < wanted or self._read >= self.promised
        if self._ended:
            self._finish(file)
        return raw, prime, self._ended

    def _open(self) -> OpenFile:
        file = OpenFile(self._source)
        self._file, self.promised = file, file.size
        if self._source.stored or not is_worth_deflating(file.size, file.sample, self.entry.path):
            self._how = self._media
        self.method = DEFLATED if self._how else STORED
        return file

    def _read_block(self, file: OpenFile, wanted: int) -> bytes:
        try:
            return file.read(wanted)
        except OSError as error:
            self.disposition = "failed"
            self.reason = f"unreadable after {self._read} bytes: {error.strerror}"
            return b""

    def _finish(self, file: OpenFile) -> None:
        self.identity = file.identity
        change = file.change(self._read)
        if change and self.disposition == "included":
            self.disposition, self.reason = "changed", change
        file.close()
