"""`jupyter session-export verify`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..archive.verify import Problem, verify
from ..client.job import Progress
from ..client.wording import counted
from ..errors import ArchiveDamaged
from .screen import ProgressLine, Screen


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about one ZIP; `entries` is None where it could not be read."""

    archive: str
    entries: int | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        return {
            "archive": self.archive,
            "ok": self.ok,
            "entries": self.entries,
            "problems": [{"path": each.path, "what": each.what} for each in self.problems],
        }

    def lines(self) -> list[str]:
        if self.ok:
            return [f"{self.archive}: {counted(self.entries or 0, 'file')}, all as recorded"]
        return [
            f"{self.archive}: {counted(len(self.problems), 'problem')}",
            *(f"  {each.path}: {each.what}" for each in self.problems),
        ]


def verify_archives(archives: Sequence[str], screen: Screen) -> int:
    """Check each ZIP and name each damaged file in it; return 1 if there is any."""
    verdicts = [_judge(archive, screen) for archive in archives]
    if screen.json:
        screen.document([verdict.to_json() for verdict in verdicts])
    else:
        for verdict in verdicts:
            for line in verdict.lines():
                screen.line(line)
    return 0 if all(verdict.ok for verdict in verdicts) else 1


def _judge(archive: str, screen: Screen) -> Verdict:
    """A ZIP that can't be read at all is damaged, too, and the next one is still looked at."""
    with ProgressLine(screen) as line:
        try:
            found = verify(archive, lambda done, total: line.report(_shown(done, total)))
        except ArchiveDamaged as error:
            reason = f"{error.message} {error.detail or ''}".strip()
            return Verdict(archive, None, (Problem(archive, reason),))
    return Verdict(archive, found.entries, found.problems)


def _shown(done: int, total: int) -> Progress:
    percent = 100.0 * done / total if total else 100.0
    return Progress("verifying", percent, bytes_done=done, bytes_total=total)
