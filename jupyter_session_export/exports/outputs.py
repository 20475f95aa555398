"""A ZIP of a session's own files alone, or of one category of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from ..archive.entries import Closing, Entry, LedgerLine
from ..archive.ledger import CHECKSUMS, MANIFEST, Head, Ledger
from ..archive.names import Names
from ..archive.sections.outputs import plan_folder
from ..archive.zipstream import ZipStream
from ..records.content import Sealed
from ..records.session import Session
from ..records.times import now
from .transfer import Check, Transfer

MADE = "made for this download"


class OutputsPlan:
    """`bulk/…` or `single/…`, then the manifest that tells what is missing. To be iterated once."""

    def __init__(self, session: Session, outputs: Path, category: str, at: datetime) -> None:
        self._session = session
        self._outputs = outputs
        self._category = category
        self._at = at

    @property
    def head(self) -> Head:
        return Head(self._session.id, self._at, 0)

    def __iter__(self) -> Iterator[Entry | LedgerLine]:
        return plan_folder(self._outputs, self._category, Names(), self._category)

    def closing(self, ledger: Ledger) -> Iterator[Entry]:
        modified = self._session.ended_at or self._session.last_active_at
        yield Entry(MANIFEST, Closing(ledger.manifest), modified, MADE)
        yield Entry(CHECKSUMS, Closing(ledger.checksums), modified, MADE)


def send_outputs(
    session: Session,
    outputs: Path,
    category: str,
    *,
    compression: str,
    workers: int,
    ended: Callable[[], None],
) -> Transfer:
    """Return the sending of a ZIP of one category, made while it is sent."""

    def chunks(check: Check) -> Iterator[bytes]:
        plan = OutputsPlan(session, outputs, category, now())
        stream = ZipStream(
            plan, NothingRecorded(), compression=compression, workers=workers, check=check
        )
        with closing(stream):
            yield from stream

    return Transfer(f"Session{session.number}_{category}.zip", chunks, ended=lambda _: ended())


class NothingRecorded:
    """Where a plan is of files alone."""

    def open(self, _: Sealed, __: int = 0) -> Iterator[bytes]:
        return iter(())

    def read_small(self, _: Collection[Sealed]) -> dict[str, bytes]:
        return {}
