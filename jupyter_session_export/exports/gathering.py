"""Gather what one export holds: the frozen record, and the files it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from pathlib import Path, PurePosixPath

from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir

from ..archive.contents import ArchiveContent, NotebookCopy
from ..archive.contents import RecordedExecution as PlannedExecution
from ..archive.entries import OnDisk
from ..archive.widgets import Widgets
from ..errors import NotebookNotFound
from ..records.activity import ACTIVITY, AUDIT
from ..records.content import Sealed
from ..records.debugging import KernelDebugger
from ..records.execution import Kernel
from ..records.recording import PassedOver
from ..records.unrecorded import NOT_RECORDED, NOTEBOOKS_OFF, recorded
from ..store.plan import RecordedExecution, RecordedNotebook, RecordPlan
from ..store.reader import RecordReader
from .facts import environment_of
from .insights import session_insights
from .notebooks import NotebookReader
from .request import ExportRequest
from .served import relative_to_root

KERNEL_FACT = "kernel/"
CHECK_EXECUTIONS = 256


def notebook_of(
    request: ExportRequest, notebooks: Sequence[RecordedNotebook], root: str
) -> str | None:
    """Return the one notebook that is asked for, as the record has it; None for all.

    A kernel's idea of its notebook is as old as the kernel: after a rename, the
    record knows better.
    """
    if request.path is None:
        return None
    path = relative_to_root(request.path, root)
    asker = request.asked_by
    mine = [n for n in notebooks if asker is not None and n.kernel_id == asker.kernel_id]
    if not mine or any(notebook.path == path for notebook in mine):
        return path
    return max(mine, key=lambda notebook: notebook.last_seen).path


def gather(
    reader: RecordReader,
    plan: RecordPlan,
    request: ExportRequest,
    *,
    exported_at: datetime,
    include_hidden: bool,
    unrecorded: Sequence[str] = (),
    check: Callable[[], None] = lambda: None,
) -> ArchiveContent:
    """Return the content of an archive but for recordings and readings. Raises NotebookNotFound.

    `unrecorded` are patterns of notebooks whose files are left out, as are those
    that the record has as turned off. `check` may raise what stops the export; it
    is called many times a second while the content is looked through.
    """
    root = plan.session.root
    paths = _notebook_paths(plan, request, root)
    return ArchiveContent(
        session=plan.session,
        exported_at=exported_at,
        record_position=plan.position,
        include=request.include,
        tools=request.tools,
        executions=_Planned(plan.executions, check),
        notebooks=_notebooks(plan, paths, unrecorded, check)
        if paths and "code" in request.include
        else (),
        activity_log=plan.log_lines.get(ACTIVITY, ()),
        audit_log=plan.log_lines.get(AUDIT, ()),
        debug=plan.debug,
        debuggers=_debuggers(plan),
        environment=environment_of(plan),
        workspace=folders_of(paths, root) if "workspace" in request.include else (),
        outputs=reader.folder.outputs if "outputs" in request.include else None,
        include_hidden=include_hidden,
        excluded=excluded_from(reader.folder.path.parents[1]),
        widgets=Widgets(plan.widgets),
        load=partial(_load, reader, check),
        insights=cache(
            partial(session_insights, reader, plan, exported_at.timestamp(), check=check)
        ),
    )


def _load(reader: RecordReader, check: Callable[[], None], sealed: Sealed) -> bytes:
    check()
    return reader.read(sealed)


def excluded_from(data_dir: Path) -> list[Path]:
    """Return the folders that hold keys, tokens and other sessions' records."""
    own = (jupyter_data_dir, jupyter_runtime_dir, jupyter_config_dir)
    return [*(Path(folder()) for folder in own), data_dir]


def _notebook_paths(plan: RecordPlan, request: ExportRequest, root: str) -> list[str]:
    """Return the notebooks of the export; those that ran without being opened come last."""
    known = [notebook.path for notebook in plan.notebooks]
    known += [e.notebook for e in plan.executions if e.notebook is not None]
    known = list(dict.fromkeys(known))
    path = notebook_of(request, plan.notebooks, root)
    if path is None:
        return known
    if path not in known:
        raise NotebookNotFound(
            f"This session knows no notebook {path!r}.",
            f"Known: {', '.join(known[:10])}." if known else "It has none yet.",
        )
    return [path]


class _Planned:
    """Executions as the archive needs them, each made when its turn comes: there may be many."""

    def __init__(self, executions: Sequence[RecordedExecution], check: Callable[[], None]) -> None:
        self._executions = executions
        self._check = check

    def __iter__(self) -> Iterator[PlannedExecution]:
        for count, execution in enumerate(self._executions):
            if count % CHECK_EXECUTIONS == 0:
                self._check()
            yield _planned(execution)


def _planned(execution: RecordedExecution) -> PlannedExecution:
    start = execution.submitted_at or execution.started_at
    end = execution.finished_at
    total = (end - start).total_seconds() * 1000 if start and end else None
    return PlannedExecution(
        number=execution.number,
        folder=execution.folder,
        status=execution.status,
        notebook=execution.notebook,
        source_head=execution.source_head.strip().partition("\n")[0],
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        total_ms=None if total is None else max(0.0, total),
        members=execution.members,
        cell_id=execution.cell_id,
        tool=execution.tool,
        truncated=execution.truncated,
        cpu_ms=execution.cpu_ms,
        peak_rss_bytes=execution.peak_rss_bytes,
    )


def _notebooks(
    plan: RecordPlan, paths: list[str], unrecorded: Sequence[str], check: Callable[[], None]
) -> Iterator[NotebookCopy | PassedOver]:
    """Yield the notebooks, after those that aren't recorded: their files have outputs, too."""
    kept = recorded(paths, plan.facts.get(NOTEBOOKS_OFF), unrecorded)
    for path in sorted(set(paths).difference(kept)):
        yield PassedOver(path, path, NOT_RECORDED)
    yield from _copies(plan, kept, check)


def _copies(
    plan: RecordPlan, paths: list[str], check: Callable[[], None]
) -> Iterator[NotebookCopy]:
    """Read the notebooks one after the other, each when its turn comes."""
    counts = Counter(e.notebook for e in plan.executions if not e.tool)
    kernels = _kernels_of_notebooks(plan)
    root = Path(plan.session.root)
    widgets = Widgets(plan.widgets)
    with NotebookReader(root, check) as reader:
        for path in paths:
            check()
            file = reader.read(path).with_widgets(widgets, root)
            kernel, facts = kernels.get(path), file.facts
            script = (
                (facts.extension, facts.script.encode("utf-8", "surrogatepass"))
                if (facts.extension and facts.script is not None)
                else None
            )
            yield NotebookCopy(
                path=path,
                kernel_name=kernel.name if kernel else facts.kernel_name,
                language=kernel.language if kernel else facts.language,
                content=file.content,
                file=None if file.file is None else OnDisk(file.file, root),
                modified=file.modified,
                reason=file.reason,
                is_notebook=facts.is_notebook,
                cells=facts.cells,
                code_cells=facts.code_cells,
                script=script,
                script_reason=facts.script_reason,
                note=file.note,
                executions=counts[path],
            )


def _kernels_of_notebooks(plan: RecordPlan) -> dict[str, Kernel]:
    by_id = {kernel.id: kernel for kernel in plan.kernels}
    found = {n.path: by_id[n.kernel_id] for n in plan.notebooks if n.kernel_id in by_id}
    for execution in plan.executions:
        if execution.notebook is not None:
            found.setdefault(execution.notebook, execution.kernel)
    return found


def _debuggers(plan: RecordPlan) -> list[KernelDebugger]:
    """Return what the kernels said of their debuggers when they started."""
    told = {
        name.removeprefix(KERNEL_FACT): fact
        for name, fact in plan.facts.items()
        if name.startswith(KERNEL_FACT)
    }
    return [
        KernelDebugger(kernel_id, str(fact.get("name")), fact.get("debugger"))
        for kernel_id, fact in told.items()
        if isinstance(fact, dict)
    ]


def folders_of(paths: Sequence[str], root: str) -> list[tuple[Path, Path]]:
    """Return the folders of the notebooks, with the root that must not be left."""
    if not root:
        return []
    folders = dict.fromkeys(PurePosixPath(path).parent for path in paths)
    return [(Path(root) / folder, Path(root)) for folder in folders]
