"""outputs/: the session's own files, single ones and folders of many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..contents import ArchiveContent
from ..entries import Entry, LedgerLine, OnDisk
from ..names import Names, safe_path
from ..tally import Tally
from ..tree import PassedBy, Tree
from .made import shown
from .workspace import RENAMED

SECTION = "outputs"
UNFINISHED = re.compile(r"\.session_export-[0-9a-f]{16}\.part")
"""What `session_files.save` is writing at this moment, or what a kernel that died was."""


def plan_outputs(content: ArchiveContent, _: Tally, names: Names) -> Iterator[Entry | LedgerLine]:
    """Yield what is in the folder."""
    if content.outputs is not None:
        yield from plan_folder(content.outputs, SECTION, names)


def plan_folder(
    outputs: Path, path: str, names: Names, below: str = ""
) -> Iterator[Entry | LedgerLine]:
    """Yield the session's own files, or those below one folder of them, under `path`."""
    # The folder itself may have been replaced by a link since the session began.
    tree = Tree(outputs / below, outputs, include_hidden=True)
    if Path(tree.root) != outputs.parent.resolve() / outputs.name:
        yield LedgerLine(path, SECTION, "skipped", "link out of the session's folder", 0, None)
        return
    if not Path(tree.folder).exists():
        return
    for step in tree:
        wanted = f"{path}/{step.relative}" if step.relative else path
        origin = shown("/".join(filter(None, (SECTION, below, step.relative))))
        if isinstance(step, PassedBy):
            yield LedgerLine(safe_path(wanted), origin, step.disposition, step.reason, 0, None)
        elif UNFINISHED.fullmatch(wanted.rpartition("/")[2]):
            yield LedgerLine(safe_path(wanted), origin, "skipped", "not whole yet", 0, None)
        else:
            name = names.claim(wanted)
            source = OnDisk(step.path, tree.root, step.size, step.inode)
            yield Entry(name, source, step.modified, origin, None if name == wanted else RENAMED)
