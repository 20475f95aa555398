"""How findings name what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..records.finding import Finding
from .timeline import Run

MOST_NAMED, MOST_OF_A_KIND = 100, 5
_HEAD_CHARACTERS = 60
_OWN = ("%session_", "%load_ext jupyter_session_export")
_SAYS_LITTLE = ("#", "import ", "from ")


def finding(
    code: str,
    runs: Sequence[Run],
    *,
    what: str,
    advice: str,
    figures: Mapping[str, float | int | str],
    saving: float | None,
    sure: tuple[str, str],
) -> Finding:
    """Return a finding about these runs; `sure` is how sure it is and why."""
    cells = dict.fromkeys(run.cell for run in runs if run.cell is not None)
    return Finding(
        code=code,
        what=what,
        advice=advice,
        executions=tuple(run.number for run in runs[:MOST_NAMED]),
        cells=tuple(cells)[:MOST_NAMED],
        figures={name: _rounded(value) for name, value in figures.items()},
        saving_seconds=saving,
        confidence=sure[0],
        why=sure[1],
    )


def named(run: Run) -> str:
    """Return how a person recognizes a cell: where it is and how its code begins."""
    head = telling_line(run.head)[:_HEAD_CHARACTERS]
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in head)
    return f"Execution {run.number} ({shown})" if shown else f"Execution {run.number}"


def telling_line(code: str) -> str:
    """Return the first line of code that is no comment and no import, else the first one."""
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    telling = (line for line in lines if not line.startswith(_SAYS_LITTLE))
    return next(telling, lines[0] if lines else "")


def is_own(head: str) -> bool:
    """Tell whether code only asks for this recorder: nobody works with that."""
    lines = [line.strip() for line in head.splitlines()]
    telling = [line for line in lines if line and not line.startswith("#")]
    return bool(telling) and all(line.startswith(_OWN) for line in telling)


def times(count: int) -> str:
    """Return `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def megabytes(count: float) -> str:
    return f"{count / 1e6:,.0f} MB"


def added(values: Iterable[float | None]) -> float:
    """Return the sum of what was measured."""
    return sum(value for value in values if value is not None)


def _rounded(value: float | str) -> float | int | str:
    return round(value, 6) if isinstance(value, float) else value
