"""code/: the notebooks of the session, as they are on disk and as scripts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from ...errors import StoreError
from ...records.times import to_iso
from ..contents import ArchiveContent, NotebookCopy
from ..entries import Entry, LedgerLine, Text
from ..names import Names
from ..rebuild import rebuild_notebook, script_of
from ..tally import Tally
from ..texts.sections import CODE
from .made import json_entry, shown, text_entry


def plan_code(content: ArchiveContent, _: Tally, names: Names) -> Iterator[Entry | LedgerLine]:
    """Yield README.txt and for each notebook its copy, its script and its metadata."""
    for number, notebook in enumerate(content.notebooks, 1):
        if number == 1:
            yield text_entry(names.claim("code/README.txt"), CODE, content.modified)
        yield from _plan_notebook(content, notebook, f"code/notebook_{number}", names)


def _plan_notebook(
    content: ArchiveContent, notebook: NotebookCopy, stem: str, names: Names
) -> Iterator[Entry | LedgerLine]:
    origin, note = shown(notebook.path), _broken(notebook.content)
    copy, rebuilt = notebook, notebook.content is None
    if rebuilt:
        note = f"rebuilt from its executions: {notebook.reason or 'not on disk'}"
        try:
            copy = _rebuilt(content, notebook)
        except StoreError as error:
            note = f"{notebook.reason}; its executions can't be read: {error}"
    if copy.content is None:
        path = names.claim(f"{stem}.ipynb")
        yield LedgerLine(path, origin, "failed", note, 0, None)
        return
    modified = copy.modified or content.modified
    yield Entry(names.claim(f"{stem}.ipynb"), Text(copy.content), modified, origin, note)
    if copy.script is not None:
        path = names.claim(f"{stem}{_extension(copy.script[0])}")
        yield Entry(path, Text(copy.script[1]), modified, origin)
    about = _metadata(copy, note, rebuilt=rebuilt)
    yield json_entry(names.claim(f"{stem}_metadata.json"), about, modified)


def _rebuilt(content: ArchiveContent, notebook: NotebookCopy) -> NotebookCopy:
    """Return the notebook with what its executions tell of it."""
    reason = notebook.reason or "not on disk"
    mine = [e for e in content.executions if e.notebook == notebook.path]
    document = rebuild_notebook(mine, content.load, reason)
    text = json.dumps(document, indent=1) + "\n"
    times = [e.finished_at for e in mine if e.finished_at]
    script = notebook.script
    if script is None and mine:
        script = (_source_suffix(mine[-1].members), script_of(document).encode("utf-8", "replace"))
    return replace(
        notebook,
        content=text.encode(),
        modified=notebook.modified or max(times, default=None),
        script=script,
        executions=len(mine) if notebook.executions is None else notebook.executions,
    )


def _source_suffix(members: Any) -> str:
    names = (member.name for member in members if member.name.startswith("source."))
    return PurePosixPath(next(names, "source.txt")).suffix


def _extension(extension: str) -> str:
    """Return a script's extension; one that is not plain would make another file's name."""
    return extension if extension[:1] == "." and extension[1:].isalnum() else ".txt"


def _metadata(notebook: NotebookCopy, note: str | None, *, rebuilt: bool) -> dict[str, Any]:
    content = notebook.content or b""
    document = _parsed(content)
    cells = document["cells"] if document else None
    metadata = document.get("metadata") if document else None
    kernelspec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    spec = kernelspec if isinstance(kernelspec, dict) else {}
    return {
        "path": shown(notebook.path),
        "kernel": notebook.kernel_name or spec.get("name"),
        "language": notebook.language or spec.get("language"),
        "cells": None if cells is None else len(cells),
        "code_cells": None if cells is None else sum(map(_is_code, cells)),
        "executions": notebook.executions,
        "modified": to_iso(notebook.modified) if notebook.modified else None,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "rebuilt": rebuilt,
        "reason": note,
        "script": notebook.script_reason,
    }


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _parsed(content: bytes) -> dict[str, Any] | None:
    """Return a notebook's document, or None where it isn't one."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_notebook = isinstance(document, dict) and isinstance(document.get("cells"), list)
    return document if is_notebook else None


def _broken(content: bytes | None) -> str | None:
    if content is None or _parsed(content) is not None:
        return None
    return "packed as it is on disk, but it is no notebook of format 4"
