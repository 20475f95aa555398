"""`jupyter session-export migrate`."""

from __future__ import annotations

from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

from ..client.wording import counted, size
from ..errors import InvalidRequest, MigrationFailed, SessionInUse, SessionLeased
from ..store.catalog import Catalog
from ..workspaces.migration.journal import FINISHED, Journal
from ..workspaces.migration.migration import Migration, Result
from ..workspaces.migration.rollback import Rollback
from .screen import Screen
from .selection import select


def migrate(catalog: Catalog, options: Namespace, screen: Screen) -> int:
    """Take an old layout into a session, or undo that; say what was done."""
    directory = Path(options.folder).expanduser().resolve()
    if not directory.is_dir():
        raise InvalidRequest(f"{directory} is no folder.", "Name the one that has outputs/ in it.")
    result = _roll_back(catalog, directory, options) if options.rollback else None
    result = result or _migrate(catalog, directory, options)
    if screen.json:
        screen.document(result.to_json())
    else:
        _tell(result, screen)
    return 0


def _migrate(catalog: Catalog, directory: Path, options: Namespace) -> Result:
    session_id = _session_id(catalog, directory, options)
    migration = Migration(directory, session_id, catalog.folder(session_id).outputs)
    if options.dry_run:
        return migration.foresee()
    with _kept(catalog, session_id):
        return migration.run(backup=options.backup)


def _session_id(catalog: Catalog, directory: Path, options: Namespace) -> str:
    """Take what is named, else what a migration that was cut off had, else the newest."""
    journal = Journal.newest(directory)
    if options.session is None and journal is not None and journal.phase != FINISHED:
        return catalog.find(journal.session_id).id
    return select(catalog.sessions(), options.session).id


def _roll_back(catalog: Catalog, directory: Path, options: Namespace) -> Result:
    journal = Journal.newest(directory)
    if journal is None:
        Journal.tidy(directory)
        raise MigrationFailed(f"Nothing was migrated from {directory}.")
    if options.dry_run:
        raise InvalidRequest("A rollback knows no --dry-run.", "Leave it out.")
    with _kept(catalog, journal.session_id):
        outputs = catalog.folder(journal.session_id).outputs
        return Rollback(directory, journal, outputs).run()


def _kept(catalog: Catalog, session_id: str) -> ExitStack:
    """Keep the session from being removed meanwhile; its server or an export may do so already."""
    stack = ExitStack()
    catalog.find(session_id)
    try:
        stack.enter_context(catalog.custody(session_id))
    except (SessionLeased, SessionInUse):
        stack.callback(catalog.pin(session_id).release)
    return stack


def _tell(result: Result, screen: Screen) -> None:
    files = f"{counted(result.files, 'file')}, {size(result.bytes)}"
    if result.rolled_back:
        screen.line(f"{files} restored; session {result.session_id} is as it was.")
    elif result.dry_run:
        screen.line(f"{files} would be taken into session {result.session_id}.")
    else:
        screen.line(f"{files} taken into session {result.session_id}.")
    for path, reason in result.left.items():
        screen.line(f"outputs/{path} stays where it is: {reason}.")
    if result.backup is not None:
        screen.note(f"The backup is in {result.backup}.")
