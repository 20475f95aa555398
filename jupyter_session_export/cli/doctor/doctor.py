"""One visit: everything is examined and told, and the exit code says whether there is a problem."""

from __future__ import annotations

from ... import __version__
from ..screen import Screen
from ..signals import ending_by_exception
from .examinations import Group, Scope, examine
from .exports import Checkup, check_up, judge_checkups
from .finding import Finding, Level
from .report import group_lines, may_colour, verdict, width_of


def visit(scope: Scope, screen: Screen) -> int:
    """Examine the install; return 1 where there is a problem, 0 else, warnings or not."""
    groups: list[Group] = []
    colour, width = not screen.json and may_colour(screen.out), width_of(screen.out)

    def tell(group: Group) -> None:
        groups.append(group)
        if not screen.json:
            for line in group_lines(group, colour=colour, width=width):
                screen.line(line)
            screen.out.flush()

    # So that nothing is left behind of what was tried.
    with ending_by_exception():
        for group in examine(scope):
            tell(group)
        checkups = check_up(scope.catalog, scope.sessions)
        tell(("exports", list(judge_checkups(checkups))))
    findings = [finding for _, found in groups for finding in found]
    healthy = all(finding.level is not Level.PROBLEM for finding in findings)
    if screen.json:
        screen.document(_document(groups, checkups, healthy=healthy))
    else:
        _conclude(checkups, findings, screen)
    return 0 if healthy else 1


def _document(groups: list[Group], checkups: list[Checkup], *, healthy: bool) -> dict[str, object]:
    findings = [
        {"examination": title, **finding.to_json()} for title, found in groups for finding in found
    ]
    levels = [finding["level"] for finding in findings]
    return {
        "version": __version__,
        "healthy": healthy,
        "problems": levels.count(Level.PROBLEM.value),
        "warnings": levels.count(Level.WARNING.value),
        "findings": findings,
        "servers": [each.to_json() for each in checkups],
    }


def _conclude(checkups: list[Checkup], findings: list[Finding], screen: Screen) -> None:
    for each in checkups:
        screen.line()
        for line in each.lines():
            screen.line(line)
    screen.line()
    screen.line(verdict(findings))
