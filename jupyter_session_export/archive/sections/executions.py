"""executions/: every run, with its source, its outputs and its times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

from ...errors import StoreError
from ...records.widgets import VIEW_SUFFIX
from ..contents import ArchiveContent, RecordedExecution
from ..entries import Disposition, Entry, LedgerLine, Recorded, Text
from ..names import Names
from ..tally import Tally
from ..texts.sections import EXECUTIONS
from ..widgets import model_of
from .made import text_entry

WIDGETS = "outputs/widget_state.json"
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
        state = _widget_state(content, execution)
        if state is not None:
            path = names.claim(folder + WIDGETS)
            modified = execution.finished_at or content.modified
            yield Entry(path, Text(state.encode()), modified, origin)


def _line(execution: RecordedExecution, disposition: Disposition, reason: str) -> LedgerLine:
    path, origin = f"executions/{execution.folder}", f"record: execution {execution.number}"
    return LedgerLine(path, origin, disposition, reason, 0, None)


def _widget_state(content: ArchiveContent, execution: RecordedExecution) -> str | None:
    """Return the state of the widgets that an execution shows, as a notebook's metadata has it."""
    views = [member for member in execution.members if member.name.endswith(VIEW_SUFFIX)]
    shown = []
    for view in views:
        # A damaged one is a line of the ledger when its own turn comes.
        with suppress(StoreError, ValueError):
            shown.append(model_of(json.loads(content.load(view.sealed))))
    return content.widgets.state(model for model in shown if model is not None)
