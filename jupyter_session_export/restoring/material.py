"""What an execution's outputs are made of: its journal, sealed or not, with all it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..content.codec import unseal
from ..errors import ContentDamaged
from ..recording.encoding import to_text
from ..recording.folding import Line
from ..recording.journal import JoinedView, parse_lines, spooled
from ..recording.live import HEAD
from ..recording.notebook_outputs import ReadRange
from ..recording.outcome import Outcome
from ..recording.refs import resolve_texts
from ..recording.sealing import RAW
from ..recording.sink import STDERR, STDOUT, Contents
from ..recording.standing import Glimpse
from ..records.content import Sealed
from ..records.execution import Execution
from ..store.reader import RecordReader


@dataclass(frozen=True, slots=True)
class Material:
    """`lines` are read once; `heard` has ids and dates of messages in it, where known."""

    execution: Execution
    source: str
    lines: Iterable[Line]
    read: ReadRange
    contents: Contents
    heard: Sequence[tuple[str, str]] = ()


def of_glimpse(glimpse: Glimpse, contents: Contents) -> Material:
    """Return what an execution has so far that its recorder still holds."""
    return Material(
        glimpse.execution,
        glimpse.source,
        (resolve_texts(line, contents) for line in glimpse.view.lines()),
        glimpse.view.read,
        contents,
        glimpse.heard,
    )


def of_record(reader: RecordReader, number: int) -> Material | None:
    """Return what was sealed of an execution; None where the record has no such one.

    Its content must be held until it is read; one that is sealed meanwhile raises
    ContentDamaged, and is to be asked for again. Raises StoreError.
    """
    # First, as what is sealed leaves the spool: what isn't after this was all there.
    view = spooled(reader.spool(number))
    found = reader.find(number)
    if found is None:
        return None
    execution, members = found
    if not members:
        return _of_spool(reader, execution, view)
    kept = {member.name: member.sealed for member in members}
    source = to_text(reader.read(members[0].sealed))
    streams = Streams(reader, {name: kept[name] for name in (STDOUT, STDERR) if name in kept})
    return Material(execution, source, _lines(reader, kept.get(RAW)), streams.read, reader)


def source_of(reader: RecordReader, number: int) -> str:
    """Return the source of an execution, as far as the record has it. Raises StoreError."""
    try:
        return _source_of(reader, number)
    except ContentDamaged:
        # What was in the spool may have been sealed meanwhile.
        return _source_of(reader, number)


def _source_of(reader: RecordReader, number: int) -> str:
    view = spooled(reader.spool(number))
    found = reader.find(number)
    if found is None:
        return ""
    execution, members = found
    if members:
        return to_text(reader.read(members[0].sealed))
    return _of_spool(reader, execution, view).source


def _of_spool(reader: RecordReader, execution: Execution, view: JoinedView) -> Material:
    """Return what the process that records an execution has written of it so far."""
    outcome = Outcome()
    source = ""
    for line in view.lines():
        if line.get("type") == HEAD:
            source = str(line.get("source", ""))
        elif "type" in line and "t" in line:
            outcome.take(line)
    lines = (resolve_texts(line, reader) for line in view.lines())
    told = source if outcome.source is None else outcome.source
    return Material(execution, told, lines, view.read, reader)


class Streams:
    """Sealed streams of any size; ranges are asked for in ascending order, so it reads once."""

    def __init__(self, reader: RecordReader, sealed: dict[str, Sealed]) -> None:
        self._open = {name: unseal(one, reader.open(one)) for name, one in sealed.items()}
        self._at = dict.fromkeys(sealed, 0)
        self._ahead = dict.fromkeys(sealed, b"")

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """Yield a range that begins where the last one of this file has ended, or after it."""
        while self._at.get(name, end) < end:
            chunk = self._ahead[name] or next(self._open[name], b"")
            if not chunk:
                return
            at = self._at[name]
            taken = chunk[: end - at]
            self._ahead[name] = chunk[end - at :]
            self._at[name] = at + len(taken)
            if self._at[name] > start:
                yield taken[max(0, start - at) :]


def _lines(reader: RecordReader, raw: Sealed | None) -> Iterator[Line]:
    if raw is not None:
        lines = parse_lines(unseal(raw, reader.open(raw)))
        yield from (resolve_texts(line, reader) for line in lines)
