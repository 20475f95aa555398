"""The companion's program: packs the small files that it is asked for, until there are no more.

It greets first. A request is a list with a row for each file, a reply one with a row for
each of those: what was packed, or why nothing was. All are plain values, marshalled, after
their length in four bytes.
"""

from __future__ import annotations

import gc
import marshal
import signal
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone
from typing import IO, Any

from .. import __version__
from ..content.deflating import deflating
from ..records.content import Sealed
from .entries import Entry, LedgerLine, OnDisk
from .files import Identity
from .packing import Batch, Item, Packed, pack_all

Row = tuple[Any, ...]
LENGTH = struct.Struct("<I")
COLLECTED_AT = 50_000
MOST_BYTES = 64 * 1024 * 1024
"""No batch of very small files comes near it."""
GREETING: Row = ("packer", __version__, sys.getfilesystemencoding())
"""What the program says first: both sides are of one version and mean the same files by names."""
ANY_TIME = datetime(1980, 1, 1, tzinfo=timezone.utc)
"""The times of entries stay with who asks."""
REFUSAL = 2
"""So many values has a row that tells why a file is not packed."""


def to_request(batch: Sequence[Item]) -> bytes:
    """Ask for the files of a batch; its lines of the ledger are nobody's work."""
    return _framed([_asked(item) for item in batch if isinstance(item, Entry)])


def from_reply(batch: Sequence[Item], reply: list[Row]) -> Batch:
    """Return what became of a batch. Raises ValueError or TypeError for another's reply."""
    entries = [item for item in batch if isinstance(item, Entry)]
    packed: Batch = [_answered(*each) for each in zip(entries, reply, strict=True)]
    if len(entries) == len(batch):
        return packed
    rest = iter(packed)
    return [next(rest) if isinstance(item, Entry) else item for item in batch]


def read_rows(file: IO[bytes]) -> list[Row]:
    """Read a request or a reply.

    Raises EOFError where there is none, or not all of it, ValueError for anything else.
    """
    length = LENGTH.unpack(_exactly(file, LENGTH.size))[0]
    if length > MOST_BYTES:
        raise ValueError(f"{length} bytes announced")
    rows: list[Row] = marshal.loads(_exactly(file, length))  # noqa: S302 - our own
    return rows


def main() -> None:
    """Answer until the requests end. `sys.argv[1]` is the compression."""
    # A Ctrl-C in the terminal is for who started us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    how = deflating(sys.argv[1])
    # Hardly anything here is garbage that only a collection finds: it need not look often.
    gc.freeze()
    gc.set_threshold(COLLECTED_AT)
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    replies.write(_framed([GREETING]))
    replies.flush()
    with suppress(EOFError):
        while True:
            entries = [_entry(row) for row in read_rows(requests)]
            replies.write(_framed([_row(packed) for packed in pack_all(entries, {}, how)]))
            replies.flush()


def _framed(rows: list[Row]) -> bytes:
    data = marshal.dumps(rows)
    return LENGTH.pack(len(data)) + data


def _exactly(file: IO[bytes], length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _asked(entry: Entry) -> Row:
    assert isinstance(entry.source, OnDisk)  # noqa: S101 - nothing else is asked for
    path, root, *rest = entry.source
    return entry.path, str(path), str(root), *rest


def _entry(row: Row) -> Entry:
    return Entry(row[0], OnDisk(*row[1:]), ANY_TIME, "")


def _row(packed: Packed | LedgerLine | Entry) -> Row:
    if isinstance(packed, Packed):
        _, sealed, kept, disposition, reason, identity = packed
        return kept, disposition, reason, tuple(identity or ()), tuple(sealed)
    assert isinstance(packed, LedgerLine)  # noqa: S101 - a file is packed or refused
    return packed.disposition, packed.reason


def _answered(entry: Entry, row: Row) -> Packed | LedgerLine:
    if len(row) == REFUSAL:
        return LedgerLine(entry.path, entry.origin, row[0], row[1], 0, None)
    kept, disposition, reason, identity, sealed = row
    return Packed(
        entry, Sealed(*sealed), kept, disposition, reason or entry.note, Identity(*identity)
    )
