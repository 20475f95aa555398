"""`jupyter session-export restore`: outputs that a notebook lacks come home without a page."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..client.client import SessionExportClient
from ..client.wording import counted
from ..errors import InvalidRequest
from ..records.session import Session
from ..restoring.decisions import Outcome, Wish
from ..restoring.direct import known_sessions, likely_kernels, restore_file, undo_file
from ..store.catalog import Catalog
from ..upkeep.recovery import recover
from .live import live_client
from .screen import Screen

DONE = 0
WORDS = {
    Outcome.RESTORED: "restored",
    Outcome.PARTLY: "restored so far; it still runs",
    Outcome.SAME: "has its outputs already",
    Outcome.EDITED: "left alone: it was edited since it ran (--force)",
    Outcome.NEWER: "left alone: it has outputs that may be of a later, unrecorded run (--force)",
    Outcome.CUT: "left alone: its record was cut short, and it has outputs (--force)",
    Outcome.TOO_LARGE: "left alone: its outputs are too large for a notebook; an export has them",
    Outcome.WAITS: "left alone: it waits to be run",
    Outcome.NEVER_RAN: "left alone: no run of it is recorded",
}
RELOAD = "Where a page has it open: File > Reload Notebook from Disk."


def restore_notebook(catalog: Catalog, options: Namespace, screen: Screen) -> int:
    """Restore by the server that serves the notebook, else in its file; or undo that."""
    path = _file(options.notebook)
    sessions = catalog.sessions()
    client = _server_of(catalog, sessions, path)
    if client is None:
        answer = _directly(catalog, sessions, path, options)
    else:
        with client:
            answer = client.restore(_request(path, options))
    if not (options.undo or options.kernel) and _nothing_ran(answer):
        likely = likely_kernels(catalog, sessions, path)
        answer = {**answer, "likely_kernels": [kernel.to_json() for kernel in likely]}
    if screen.json:
        screen.document(answer)
    elif options.undo:
        _tell_undone(answer, screen)
    else:
        _tell(answer, screen)
    return DONE


def _file(named: str) -> Path:
    try:
        path = Path(named).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidRequest(f"{named} names no file.", str(error)) from error
    if not path.is_file():
        raise InvalidRequest(f"{named} is not a file.", "Name a notebook (.ipynb).")
    return path


def _server_of(
    catalog: Catalog, sessions: Sequence[Session], path: Path
) -> SessionExportClient | None:
    """Return a client of the running server whose folder has the notebook in it."""
    for session in sessions:
        if session.kernel is None and session.root and path.is_relative_to(session.root):
            client = live_client(catalog, session, to_restore=True)
            if client is not None:
                return client
    return None


def _request(path: Path, options: Namespace) -> dict[str, Any]:
    request = {"path": str(path), "dry_run": options.dry_run}
    if options.undo:
        return {**request, "undo": True}
    return {**request, "force": options.force, "kernel": options.kernel}


def _directly(
    catalog: Catalog, sessions: Sequence[Session], path: Path, options: Namespace
) -> dict[str, Any]:
    if options.undo:
        undone, kept = undo_file(catalog, sessions, path, dry_run=options.dry_run)
        answer: dict[str, Any] = {"undone": undone, "kept": kept}
    else:
        wish = Wish(options.kernel, options.force, options.dry_run)
        for session, _ in known_sessions(sessions, path, wish):
            recover(catalog, session.id)
        answer = restore_file(catalog, sessions, path, wish).to_json()
    return {"path": str(path), "dry_run": options.dry_run, **answer}


def _tell(answer: Mapping[str, Any], screen: Screen) -> None:
    for number, cell in enumerate(answer["cells"], 1):
        run = cell["run"] or {}
        count = run.get("execution_count")
        prompt = f"In [{count if count is not None else ' '}]"
        screen.line(f"{number:4}  {prompt:9}  {WORDS[Outcome(cell['outcome'])]}")
    outcomes = Counter(cell["outcome"] for cell in answer["cells"])
    restored = outcomes[Outcome.RESTORED.value] + outcomes[Outcome.PARTLY.value]
    verb = "would be restored" if answer["dry_run"] else "restored"
    screen.note(f"{counted(restored, 'cell')} {verb} in {answer['path']}.")
    for kernel in answer.get("likely_kernels", ()):
        screen.note(
            f"A kernel of Session{kernel['session']} ran what {counted(kernel['cells'], 'cell')} "
            f"has, without saying of which notebook: add --kernel {kernel['kernel_id'][:8]}"
        )
    if answer["written"] and not answer["dry_run"]:
        screen.note(f"{RELOAD} To undo it: --undo.")


def _nothing_ran(answer: Mapping[str, Any]) -> bool:
    return all(cell["outcome"] == Outcome.NEVER_RAN.value for cell in answer["cells"])


def _tell_undone(answer: Mapping[str, Any], screen: Screen) -> None:
    verb = "would be put back" if answer["dry_run"] else "put back"
    screen.line(f"{counted(answer['undone'], 'cell')} {verb} in {answer['path']}.")
    if answer["kept"]:
        screen.note(f"{counted(answer['kept'], 'cell')} left alone: gone, or run since.")
