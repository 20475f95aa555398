"""`jupyter session-export cleanup`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from ..client.wording import counted, size
from ..settings import SessionExport
from ..store.catalog import Catalog
from ..upkeep.cleaner import Cleaner
from ..upkeep.configured import rules_of
from ..upkeep.report import Outcome, Report
from .screen import Screen


def clean_up(catalog: Catalog, settings: SessionExport, options: Namespace, screen: Screen) -> int:
    """Remove what is due and say so; return 1 where something could not be removed."""
    rules = rules_of(settings, options.max_age_hours)
    report = Cleaner(catalog, rules).run(dry_run=options.dry_run)
    if screen.json:
        screen.document(report.to_json())
    else:
        _tell(report, screen)
    return 1 if report.failed else 0


def _tell(report: Report, screen: Screen) -> None:
    would = "would be " if report.dry_run else ""
    _lines(f"{would}ended", report.ended, screen)
    _lines(f"{would}removed", report.removed, screen)
    _lines("in use, left alone", report.in_use, screen)
    _lines("could not be cleaned up", report.failed, screen)
    sessions = counted(len(report.removed), "session")
    screen.note(f"{sessions} {would}removed, {size(report.bytes)}.")


def _lines(verdict: str, outcomes: Sequence[Outcome], screen: Screen) -> None:
    for outcome in outcomes:
        name = outcome.session_id if outcome.number is None else f"Session{outcome.number}"
        screen.line(f"{name}  {verdict}: {outcome.reason}")
