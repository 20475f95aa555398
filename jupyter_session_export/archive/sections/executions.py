"""executions/: every run, with its source, its outputs and its times."""

from __future__ import annotations

from collections.abc import Iterator

from ..contents import ArchiveContent, RecordedExecution
from ..entries import Disposition, Entry, LedgerLine, Recorded
from ..names import Names
from ..tally import Tally
from ..texts.sections import EXECUTIONS
from .made import text_entry

TOOL = "sent by a tool, not by a person (store_history=False)"
TRUNCATED = "part of it was not recorded: metadata.json and the activity log tell more"


def plan_executions(
    content: ArchiveContent, tally: Tally, names: Names
) -> Iterator[Entry | LedgerLine]:
    """Yield README.txt and the members of each execution, but for the record's own."""
    for execution in content.executions:
        if execution.tool and not content.tools:
            yield _line(execution, "skipped", TOOL)
            continue
        if not tally.executions:
            yield text_entry(names.claim("executions/README.txt"), EXECUTIONS, content.modified)
        tally.count(execution)
        if execution.truncated:
            yield _line(execution, "changed", TRUNCATED)
        folder = f"executions/{execution.folder}/"
        origin = f"record: execution {execution.number}"
        for member in execution.members:
            if not member.name.startswith("."):
                path = names.claim(folder + member.name)
                yield Entry(path, Recorded(member.sealed), member.modified, origin)


def _line(execution: RecordedExecution, disposition: Disposition, reason: str) -> LedgerLine:
    path, origin = f"executions/{execution.folder}", f"record: execution {execution.number}"
    return LedgerLine(path, origin, disposition, reason, 0, None)
