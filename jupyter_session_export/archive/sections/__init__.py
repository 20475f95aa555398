"""The folders of the ZIP, one module each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..contents import ArchiveContent
from ..entries import Entry, LedgerLine
from ..names import Names
from ..tally import Tally
from .code import plan_code
from .data import plan_data
from .debug import plan_debug
from .executions import plan_executions
from .logs import plan_logs
from .outputs import plan_outputs
from .recordings import plan_recordings
from .workspace import plan_workspace

Section = Callable[[ArchiveContent, Tally, Names], Iterator[Entry | LedgerLine]]
PLANNED: dict[str, Section] = {
    "code": plan_code,
    "executions": plan_executions,
    "debug": plan_debug,
    "logs": plan_logs,
    "recordings": plan_recordings,
    "data": plan_data,
    "outputs": plan_outputs,
    "workspace": plan_workspace,
}


def planned_sections(
    content: ArchiveContent, tally: Tally, names: Names
) -> Iterator[Entry | LedgerLine]:
    """Yield the entries of the sections that are included, in the order of the contract."""
    for name, section in PLANNED.items():
        if name in content.include:
            yield from section(content, tally, names)
    if "executions" not in content.include:
        for execution in content.executions:
            tally.count(execution)
