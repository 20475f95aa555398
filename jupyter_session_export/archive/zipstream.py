"""A plan becomes a ZIP at once: the first bytes go out while the rest is still being read."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, islice

from ..content.codec import Sealer, blocks_of, seal
from ..content.deflating import MAXIMUM, Storing, deflating
from ..records.content import Sealed
from .ahead import GENERATED_BYTES, Ahead, Ready
from .blocks import Blocks
from .chunks import SMALL_BYTES, Piece, coalesced
from .companion import Companion
from .entries import Closing, Entry, Generated, LedgerLine, Opener, Recorded
from .files import Unpackable
from .format import descriptor
from .ledger import Ledger
from .packing import Packed, pack_whole
from .plan import Plan
from .progress import Callback, Progress
from .register import Register
from .splice import splice
from .workers import Workers, never

Pieces = Iterable[Piece]


class ZipStream:
    """The bytes of a ZIP, once. Iterating it yields chunks of about 512 KiB.

    `check` may raise ExportCancelled; it is called before each entry and
    many times during a large one. Errors of the record itself (StoreError)
    end the stream; those of single files become lines of the `ledger`.
    """

    def __init__(
        self,
        plan: Plan,
        opener: Opener,
        *,
        compression: str = MAXIMUM,
        workers: int = 2,
        progress: Callback | None = None,
        check: Callable[[], None] | None = None,
    ) -> None:
        self._plan = plan
        self._opener = opener
        self._how = deflating(compression)
        self._progress = progress
        self._check = check or never
        self._workers = Workers(workers, self._check)
        self._companion = Companion(compression, opener) if workers > 1 else None
        self._register = Register(plan.head)
        self._offset = 0
        self._raw_bytes = 0
        self._chunks = self._run()

    @property
    def ledger(self) -> Ledger:
        return self._register.ledger

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """End the workers; what was not sent is dropped."""
        self._chunks.close()

    def _run(self) -> Generator[bytes, None, None]:
        ahead = Ahead(
            self._plan,
            self._opener,
            self._workers,
            self._how,
            Storing(),
            companion=self._companion,
        )
        try:
            pieces = self._counted(self._pieces(ahead))
            for piece in islice(pieces, 1):
                yield bytes(piece)
            for chunk in coalesced(pieces):
                yield chunk
                if self._progress:
                    self._progress(self._state())
        finally:
            ahead.stop()
            self._workers.close()
            ahead.close()

    def _counted(self, pieces: Pieces) -> Pieces:
        for piece in pieces:
            self._offset += len(piece)
            yield piece

    def _pieces(self, ahead: Ahead) -> Pieces:
        for item in ahead:
            yield from self._pack(item)
        for entry in self._plan.closing(self.ledger):
            yield from self._pack(entry)
        yield from self._register.directory.chunks(self._offset)

    def _pack(self, item: Ready) -> Pieces:
        self._check()
        if isinstance(item, Packed):
            return self._packed(item)
        if isinstance(item, Blocks):
            return self._blocks(item)
        if isinstance(item, LedgerLine):
            self.ledger.add(item)
            return ()
        if isinstance(item.source, (Recorded, Closing)):
            return self._sealed(item, item.source)
        if isinstance(item.source, Generated):
            return self._generated(item, item.source)
        return self._pack(pack_whole(item, self._how))

    def _packed(self, packed: Packed) -> Pieces:
        kept, sealed = packed.kept, packed.sealed
        header = self._register.header(packed.entry, sealed)
        self._register.enter_packed(packed, header, self._offset)
        self._raw_bytes += sealed.size
        # One small piece takes half as long on its way out as two.
        return (b"".join((header, kept)),) if len(kept) < SMALL_BYTES else (header, kept)

    def _sealed(self, entry: Entry, source: Recorded | Closing) -> Pieces:
        if isinstance(source, Closing):
            return self._spliced(entry, *source.grown())
        try:
            chunks = splice(source.sealed, self._opener)
        except Unpackable as why:
            self._register.leave_out(entry, why.disposition, why.reason)
            return ()
        return self._spliced(entry, source.sealed, chunks)

    def _spliced(self, entry: Entry, sealed: Sealed, chunks: Pieces) -> Pieces:
        offset = self._offset
        header = self._register.header(entry, sealed)
        yield header
        for chunk in chunks:
            self._check()
            yield chunk
        self._register.enter(entry, sealed, offset, reason=entry.note, header=header)
        self._raw_bytes += sealed.size

    def _blocks(self, blocks: Blocks) -> Pieces:
        offset = self._offset
        try:
            blocks.open()
        except Unpackable as why:
            self._register.leave_out(blocks.entry, why.disposition, why.reason)
            return
        yield self._register.open_header(blocks.entry, blocks.promised)
        before = self._raw_bytes
        for kept in blocks:
            self._check()
            yield kept
            self._raw_bytes = before + blocks.read
        yield descriptor(blocks.sealed)
        self._register.enter_blocks(blocks, offset, described=True)

    def _generated(self, entry: Entry, source: Generated) -> Pieces:
        blocks = blocks_of(source.chunks(), GENERATED_BYTES)
        first = next(blocks, b"")
        if len(first) < GENERATED_BYTES:
            sealed, kept = seal(first, self._how)
            yield from self._packed(Packed(entry, sealed, kept, "included", entry.note, None))
            return
        offset, sealer = self._offset, Sealer(how=self._how)
        yield self._register.open_header(entry, 0)
        for block in chain((first,), blocks):
            self._check()
            yield sealer.add(block)
        yield sealer.finish()
        yield descriptor(sealer.sealed)
        self._register.enter(entry, sealer.sealed, offset, reason=entry.note, described=True)

    def _state(self) -> Progress:
        return Progress(self._register.directory.count, self._raw_bytes, self._offset)
