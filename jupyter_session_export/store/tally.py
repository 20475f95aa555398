"""How many executions there are, kept up to date so that nobody has to count 100,000 rows."""

from __future__ import annotations

from ..records.execution import Execution, Status
from ..records.session import Counts
from .database import Database

# A kernel that has run nothing is a fact only, one without a server's word has executions only.
_COUNTS = """SELECT (SELECT count(*) FROM notebooks), (SELECT count(*) FROM (
    SELECT id FROM kernels UNION SELECT substr(name, 8) FROM facts WHERE name GLOB 'kernel/*'))"""
_TALLY = "SELECT count(*), total(status = ?) FROM executions WHERE tool = 0"


def count(database: Database) -> Counts:
    """Count all; for a reader, or once."""
    (notebooks, kernels) = database.rows(_COUNTS)[0]
    (executions, errors) = database.rows(_TALLY, (Status.ERROR.value,))[0]
    return Counts(notebooks=notebooks, executions=executions, errors=int(errors), kernels=kernels)


class Tally:
    """Of the writer, whose thread alone calls it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.recount()

    def recount(self) -> None:
        """Count anew: at the beginning, and after more than single executions has changed."""
        counted = count(self._database)
        self._losses = self._database.losses
        self._executions, self._errors = counted.executions, counted.errors

    def take(self, before: tuple[str, int] | None, after: Execution) -> None:
        """Take note of a saved execution; `before` is its status and tool mark until then."""
        shown, failed = _weight(after.status.value, after.tool)
        shown_before, failed_before = (0, 0) if before is None else _weight(*before)
        self._executions += shown - shown_before
        self._errors += failed - failed_before

    def counts(self) -> Counts:
        """Return how many there are, what isn't committed included."""
        if self._losses != self._database.losses:
            self.recount()
        (notebooks, kernels) = self._database.rows(_COUNTS)[0]
        return Counts(
            notebooks=notebooks,
            executions=self._executions,
            errors=self._errors,
            kernels=kernels,
        )


def _weight(status: str, tool: int) -> tuple[int, int]:
    return (0, 0) if tool else (1, int(status == Status.ERROR.value))
