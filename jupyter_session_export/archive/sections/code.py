"""code/: the notebooks of the session, as they are on disk and as scripts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from ...errors import StoreError
from ...records.recording import PassedOver
from ...records.times import to_iso
from ..contents import ArchiveContent, NotebookCopy, RecordedExecution
from ..entries import Entry, LedgerLine, Text
from ..names import Names, safe_path
from ..rebuild import rebuild_notebook, script_of
from ..tally import Tally
from ..texts.sections import CODE
from ..widgets import STATE, views_of
from .made import json_entry, shown, text_entry

BROKEN = "packed as it is on disk, but it is no notebook of format 4"


def plan_code(content: ArchiveContent, _: Tally, names: Names) -> Iterator[Entry | LedgerLine]:
    """Yield README.txt and for each notebook its copy, its script and its metadata."""
    if content.notebooks == ():
        return
    # Before the first notebook is read, which takes a while: it carries the first bytes.
    yield text_entry(names.claim("code/README.txt"), CODE, content.modified)
    number = 0
    for notebook in content.notebooks:
        if isinstance(notebook, PassedOver):
            yield _left_out(notebook)
            continue
        number += 1
        yield from _plan_notebook(content, notebook, f"code/notebook_{number}", names)


def _left_out(notebook: PassedOver) -> LedgerLine:
    path = safe_path(f"code/{notebook.name}")
    return LedgerLine(path, shown(notebook.origin), "skipped", notebook.reason, 0, None)


def _plan_notebook(
    content: ArchiveContent, notebook: NotebookCopy, stem: str, names: Names
) -> Iterator[Entry | LedgerLine]:
    origin = shown(notebook.path)
    note = notebook.note if notebook.is_notebook else BROKEN
    copy, rebuilt = notebook, notebook.content is None and notebook.file is None
    if rebuilt:
        note = f"rebuilt from its executions: {notebook.reason or 'not on disk'}"
        try:
            copy, damaged = _rebuilt(content, notebook)
            note += f"; {damaged} contents are damaged and empty here" if damaged else ""
        except StoreError as error:
            note = f"{notebook.reason}; its executions can't be read: {error}"
    source = copy.file if copy.content is None else Text(copy.content)
    if source is None:
        path = names.claim(f"{stem}.ipynb")
        yield LedgerLine(path, origin, "failed", note, 0, None)
        return
    modified = copy.modified or content.modified
    yield Entry(names.claim(f"{stem}.ipynb"), source, modified, origin, note)
    if copy.script is not None:
        path = names.claim(f"{stem}{_extension(copy.script[0])}")
        yield Entry(path, Text(copy.script[1]), modified, origin)
    about = _metadata(copy, note, rebuilt=rebuilt)
    yield json_entry(names.claim(f"{stem}_metadata.json"), about, modified)


def _rebuilt(content: ArchiveContent, notebook: NotebookCopy) -> tuple[NotebookCopy, int]:
    """Return the notebook with what its executions tell of it, and how much is damaged."""
    reason = notebook.reason or "not on disk"
    mine = _Runs(content.executions, notebook.path)
    document = rebuild_notebook(mine, content.load, reason)
    state = content.widgets.state(views_of(document))
    if state is not None:
        document["metadata"]["widgets"] = {STATE: json.loads(state)}
    text = json.dumps(document, indent=1) + "\n"
    script = notebook.script
    if script is None and mine.suffix is not None:
        script = (mine.suffix, script_of(document).encode("utf-8", "replace"))
    copy = replace(
        notebook,
        content=text.encode(),
        modified=notebook.modified or mine.finished_at,
        cells=len(document["cells"]),
        code_cells=len(document["cells"]),
        script=script,
        executions=mine.count if notebook.executions is None else notebook.executions,
    )
    return copy, document["metadata"]["session_export"]["damaged"]


class _Runs:
    """The executions of a notebook, made anew each time: there may be 100,000 of them."""

    def __init__(self, executions: Iterable[RecordedExecution], path: str) -> None:
        self._executions = executions
        self._path = path
        self.count = 0
        self.finished_at: datetime | None = None
        self.suffix: str | None = None
        """That of the last one's source."""

    def __iter__(self) -> Iterator[RecordedExecution]:
        self.count = 0
        for execution in self._executions:
            if execution.notebook == self._path:
                self._note(execution)
                yield execution

    def _note(self, execution: RecordedExecution) -> None:
        self.count += 1
        names = (m.name for m in execution.members if m.name.startswith("source."))
        self.suffix = PurePosixPath(next(names, "source.txt")).suffix
        at = execution.finished_at
        if at is not None:
            self.finished_at = at if self.finished_at is None else max(at, self.finished_at)


def _extension(extension: str) -> str:
    """Return a script's extension; one that is not plain would make another file's name."""
    return extension if extension[:1] == "." and extension[1:].isalnum() else ".txt"


def _metadata(notebook: NotebookCopy, note: str | None, *, rebuilt: bool) -> dict[str, Any]:
    content = notebook.content
    return {
        "path": shown(notebook.path),
        "kernel": notebook.kernel_name,
        "language": notebook.language,
        "cells": notebook.cells,
        "code_cells": notebook.code_cells,
        "executions": notebook.executions,
        "modified": to_iso(notebook.modified) if notebook.modified else None,
        # A large one is read when its turn comes: manifest.json has both.
        "bytes": None if content is None else len(content),
        "sha256": None if content is None else hashlib.sha256(content).hexdigest(),
        "rebuilt": rebuilt,
        "reason": note,
        "script": notebook.script_reason,
    }
