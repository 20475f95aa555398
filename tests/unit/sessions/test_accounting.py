"""What runs cost, and what is found about them."""

from __future__ import annotations

from typing import Any

from jupyter_session_export.records.execution import Kernel
from jupyter_session_export.sessions.accounting import MOST_RUNS, Account, Ran
from jupyter_session_export.sessions.gathering import Gathering
from jupyter_session_export.sessions.result import Cost


class Link:
    """A kernel that is only named."""

    kernel = Kernel("k", "python3", "python", ".py")


def add(account: Account, code: str, seconds: float, cpu: float | None = None) -> int:
    """Add a run that began when the last one ended; return its number."""
    link: Any = Link()
    number = account.count + 1
    ran = Ran(
        number=number,
        code=code,
        started=1e9 + 1000 * number,
        seconds=seconds,
        error=None,
        exit_code=0,
    )
    account.add(ran, link, Gathering(lambda _: None), Cost(seconds, cpu, None))
    return number


def test_costs_add_up() -> None:
    """What nobody measured of one run is no reason to forget that of another."""
    account = Account()
    add(account, "1", 2.0, 1.5)
    add(account, "2", 3.0)
    assert account.total == Cost(5.0, 1.5, None)
    assert (Cost() + Cost(1.0, None, 2.0)).gib_seconds == 2.0


def test_findings_are_of_the_run_that_they_name() -> None:
    """A run's findings are made of it and what came before; quick ones have none."""
    account = Account()
    quick = add(account, "1", 0.01, 0.01)
    waited = add(account, "import time\ntime.sleep(100)", 100.0, 0.1)
    later = add(account, "2", 0.01, 0.01)
    assert account.findings(quick) == ()
    assert [finding.code for finding in account.findings(waited)] == ["WAITING"]
    assert account.findings(waited)[0].executions == (waited,)
    assert account.findings(later) == ()
    assert account.findings(waited)[0] in account.findings()


def test_findings_say_what_was_measured() -> None:
    """The same code is told otherwise by other figures, and not at all where none speaks for it."""
    code = "fetch()"
    told = []
    for seconds, cpu in ((100.0, 0.1), (250.0, 30.0), (100.0, 100.0)):
        account = Account()
        told.append(account.findings(add(account, code, seconds, cpu)))
    (first,), (second,) = [[each for each in found if each.code == "WAITING"] for found in told[:2]]
    assert first.what != second.what
    assert first.saving_seconds != second.saving_seconds
    assert all(finding.code != "WAITING" for finding in told[2])


def test_only_the_newest_are_looked_at() -> None:
    """A session of many runs keeps the memory of so many."""
    account = Account()
    for number in range(3 * MOST_RUNS):
        add(account, f"x = {number}", 0.01)
    assert account.count == 3 * MOST_RUNS
    assert len(account._runs) == MOST_RUNS
    assert len(account._codes) <= 2 * MOST_RUNS
