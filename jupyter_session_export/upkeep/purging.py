"""Purging a session that nobody writes, and the line that tells of any purge."""

from __future__ import annotations

from dataclasses import replace

from ..errors import NotebookNotFound, SessionLeased
from ..records.activity import AUDIT, LogLine
from ..records.purge import Purged, PurgeScope
from ..records.session import Session
from ..records.times import now
from ..store.catalog import Catalog
from ..store.undo_files import UndoFiles, place_of
from ..workspaces.forgetting import forget_readings
from ..workspaces.spool import FOLDER


def purge_kept(catalog: Catalog, session: Session, scope: PurgeScope) -> Purged:
    """Remove what was recorded of a session that nobody writes, and what lies beside it.

    Raises SessionLeased, SessionInUse, SessionNotFound or another StoreError.
    """
    try:
        with catalog.custody(session.id) as custody:
            purged = custody.purge(scope, lambda purged: purged_line(session, scope, purged))
    except SessionLeased as error:
        raise _by_its_kernel(session, error) from error
    purge_beside(catalog, session, scope)
    return purged


def _by_its_kernel(session: Session, error: SessionLeased) -> SessionLeased:
    """Say what can be done where it is a kernel that records itself: no server can be asked."""
    if session.kernel is None:
        return error
    return SessionLeased(
        f"Session{session.number} is being recorded by its own kernel, which still runs.",
        "Run %session_recording purge in that kernel, or shut it down first.",
    )


def purge_beside(catalog: Catalog, session: Session, scope: PurgeScope) -> None:
    """Remove what a scope takes that isn't in the record, also while it is written.

    That is readings, and what notebooks had before outputs were restored into them: it may
    be outputs that were recorded. Of which execution nobody knows. Raises StoreError.
    """
    if scope.takes_readings:
        forget_readings(catalog.folder(session.id).path / FOLDER, scope.since)
    files = UndoFiles(catalog.data_dir)
    if scope.notebook is None:
        files.remove_all(session.owner, scope.since)
    else:
        files.remove(place_of(session, scope.notebook))


def known(catalog: Catalog, session: Session, scope: PurgeScope, path: str) -> PurgeScope:
    """Return a scope with its notebook at this path. Raises NotebookNotFound."""
    with catalog.read(session.id) as reader:
        paths = [notebook.path for notebook in reader.notebooks()]
    if path not in paths:
        raise NotebookNotFound(
            f"This session knows no notebook {path!r}.",
            f"Known: {', '.join(paths[:10])}." if paths else "It has none yet.",
        )
    return replace(scope, notebook=path)


def purged_line(session: Session, scope: PurgeScope, purged: Purged) -> LogLine:
    """Return the line of the audit log."""
    detail = {**scope.to_json(), **purged.to_json()}
    return LogLine(AUDIT, now(), session.id, session.user_id, "record.purged", None, detail)
