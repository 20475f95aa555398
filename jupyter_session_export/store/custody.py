"""Custody of a session that nobody uses: to end it, or to have its folder taken away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..errors import SessionInUse
from ..records.activity import LogLine
from ..records.purge import Purged, PurgeScope
from .blobs import Blobs, prepare_folder
from .database import Database
from .debugging import remove as remove_debugging
from .deeds import forget_deeds
from .faults import StoreFaults
from .folder import SessionFolder
from .lasting_pins import LastingPins
from .lease import Lease
from .logs import Logs
from .pins import Pins
from .purging import matching, remove
from .session_file import read_session, write_session
from .spool import spools_in
from .tally import count
from .widgets import forget_models


class Custody:
    """Holds the lease of a session; a context manager.

    Raises SessionLeased while somebody writes it, SessionInUse while an export
    needs it.
    """

    def __init__(self, folder: SessionFolder, pins: Pins) -> None:
        self.folder = folder
        self._pins = pins
        self._lease = Lease(folder)
        self._lease.acquire()
        try:
            self._require_unused()
            # It may have been used between being listed and this lease.
            self.session = read_session(folder)
        except BaseException:
            self._lease.release()
            raise

    def __enter__(self) -> Custody:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Give the lease back; more than once does no harm."""
        self._lease.release()

    @property
    def was_cut_off(self) -> bool:
        """Whether a crashed writer left executions that can still be recovered.

        Raises StoreUnavailable.
        """
        with StoreFaults("look at the spool"):
            return self.folder.spool.is_dir() and any(self.folder.spool.iterdir())

    def end(self, at: datetime) -> None:
        """Note when the session ended; nobody resumes it any more."""
        self._remove_states()
        self.session = replace(self.session, ended_at=at)
        write_session(self.folder, self.session, durable=True)
        self.folder.access_json.unlink(missing_ok=True)
        self.folder.restore_json.unlink(missing_ok=True)

    def purge(self, scope: PurgeScope, line: Callable[[Purged], LogLine]) -> Purged:
        """Remove executions without a trace, and note it by a `line` of the audit log.

        Raises StoreUnavailable, StoreDamaged, StoreTooNew.
        """
        prepare_folder(self.folder)
        self._remove_exports()
        self._remove_states()
        with closing(Database.for_writing(self.folder)) as database:
            numbers = matching(database, scope)
            for spool in spools_in(self.folder.spool):
                # One that no row tells of was left before anything was committed.
                late = scope.since is not None and spool.last_written() >= scope.since
                if spool.number in numbers or scope.is_all or late:
                    spool.remove()
            forget_models(database, scope, numbers)
            forget_deeds(database, scope)
            size = remove(database, numbers) + remove_debugging(database, scope, numbers)
            purged = Purged(len(numbers), size)
            Logs(database).append(line(purged))
            Blobs(self.folder, database, self._pins).collect()
            if not database.wipe():
                raise SessionInUse("Somebody reads the session's record.", "Purge it again.")
            self.session = replace(self.session, counts=count(database))
        write_session(self.folder, self.session, durable=True)
        return purged

    def _remove_exports(self) -> None:
        """Remove what a server that is gone had prepared: it holds what is purged."""
        LastingPins(self.folder).drop_all()
        with StoreFaults("remove prepared exports"):
            for path in self.folder.exports.iterdir():
                path.unlink()

    def _remove_states(self) -> None:
        """Remove the variables with which a process that is gone would have gone on."""
        with StoreFaults("remove saved variables"):
            if self.folder.states.exists():
                shutil.rmtree(self.folder.states)

    def is_needed(self, moved_to: Path) -> bool:
        """Tell whether an export began just before the folder was moved."""
        return self._pins.in_use or Pins(SessionFolder(moved_to)).in_use

    def _require_unused(self) -> None:
        if self._pins.in_use:
            raise SessionInUse(
                "The session is being exported.", "Wait until the export is done, or cancel it."
            )
