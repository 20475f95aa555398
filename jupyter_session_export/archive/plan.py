"""Records and files become entries, lazily and in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from .contents import ArchiveContent
from .entries import Closing, Entry, Generated, LedgerLine, Source
from .ledger import CHECKSUMS, MANIFEST, Head, Ledger
from .names import Names
from .sections import planned_sections
from .tally import Tally
from .texts.readme import readme
from .texts.summary import summary


class Plan(Protocol):
    """What is packed: the content, then what can be written only when all else is known."""

    @property
    def head(self) -> Head:
        """What the manifest begins with."""

    def __iter__(self) -> Iterator[Entry | LedgerLine]:
        """Yield entries, and lines for what is left out by rule."""

    def closing(self, ledger: Ledger) -> Iterator[Entry]:
        """Yield the last entries; their content is made from the ledger when their turn comes."""


class SessionPlan:
    """The plan of a session's ZIP. To be iterated once."""

    def __init__(self, content: ArchiveContent) -> None:
        self._content = content
        self._tally = Tally()

    @property
    def head(self) -> Head:
        content = self._content
        return Head(content.session.id, content.exported_at, content.record_position)

    def __iter__(self) -> Iterator[Entry | LedgerLine]:
        return planned_sections(self._content, self._tally, Names())

    def closing(self, ledger: Ledger) -> Iterator[Entry]:
        content, tally = self._content, self._tally
        yield self._made("README.txt", Generated(lambda: [readme(content, ledger)]))
        yield self._made(
            "SESSION_SUMMARY.txt", Generated(lambda: [summary(content, ledger, tally)])
        )
        yield self._made(MANIFEST, Closing(ledger.manifest))
        yield self._made(CHECKSUMS, Closing(ledger.checksums))

    def _made(self, path: str, source: Source) -> Entry:
        return Entry(path, source, self._content.modified, "made for this export")


def plan_archive(content: ArchiveContent) -> SessionPlan:
    """Return what a session's export packs: `code/` … `workspace/`, then the closing texts."""
    return SessionPlan(content)
