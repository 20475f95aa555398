"""Ends and removes sessions whose time is over."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..errors import SessionExportError, SessionInUse, SessionLeased, StoreUnavailable
from ..records.activity import AUDIT, LogLine
from ..records.session import Session
from ..records.times import now, to_iso
from ..store.beginning import holds_nothing
from ..store.catalog import Catalog
from ..store.lease import Lease
from ..store.undo_files import UndoFiles
from ..workspaces.audit import AuditLog
from ..workspaces.listing import bytes_below
from ..workspaces.removal import Removed
from ..workspaces.tombstones import buried_name, bury, dissolve, raise_up, tombstones_in
from .policy import KEEP, Fate, Rules, excess, fate_of, may_go_early
from .report import Outcome, Report

if TYPE_CHECKING:
    from ..store.custody import Custody

_log = logging.getLogger(__name__)
AT_ONCE = 2
"""Removing a folder is mostly waiting for the disk."""


class Stopped(Exception):
    """The clean-up was told to end; what is left is for the next one."""


class Cleaner:
    """Any thread. What is recorded, paused or exported by a live process is left alone.

    A session's folder is renamed before anything in it goes, so that a removal that
    is cut off leaves nothing that could be taken for a session.
    """

    def __init__(
        self, catalog: Catalog, rules: Rules, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._catalog = catalog
        self._rules = rules
        self._clock = clock
        self._audit = AuditLog(catalog.data_dir)
        self._befores = UndoFiles(catalog.data_dir)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End a `run` of another thread within moments."""
        self._stopping.set()

    def run(self, *, dry_run: bool = False) -> Report:
        """Do all that is due; one session's failure spares the others. Raises StoreUnavailable."""
        report = Report(dry_run)
        with suppress(Stopped):
            if not dry_run:
                self._finish(report)
                self._forget_befores()
            self._see_to_all(report)
            if not dry_run:
                self._clear_beginnings(report)
            if self._rules.most_bytes and self._rules.age is None:
                self._make_room(self._rules.most_bytes, report)
        return report

    def end(self, session_id: str) -> Session:
        """End a session that nobody uses. Raises SessionLeased, SessionInUse, SessionNotFound."""
        with self._catalog.custody(session_id) as custody:
            self._end(custody, self._clock(), "its owner asked for it")
            return custody.session

    def remove(self, session_id: str, fate: Fate) -> Removed:
        """Remove a session that nobody uses. Raises as `end` does, and StoreUnavailable."""
        with self._catalog.custody(session_id) as custody:
            self._befores.remove_all(custody.session.owner)
            return self._remove(custody, fate)

    def _check(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def _finish(self, report: Report) -> None:
        """Remove what an earlier clean-up that was cut off has left."""
        for tombstone in tombstones_in(self._catalog.sessions_dir):
            session_id = buried_name(tombstone)
            outcome = Outcome(session_id, None, "its removal had been cut off")
            try:
                removed = dissolve(tombstone, self._check)
                self._note("session.removed", session_id, None, outcome.reason, removed)
            except SessionExportError as error:
                _log.warning("Session %s can't be removed: %s", session_id, error)
                report.failed.append(outcome)
            else:
                report.removed.append(_with(outcome, removed))

    def _clear_beginnings(self, report: Report) -> None:
        """Remove what crashes left of sessions that were just being begun."""
        for session_id in self._catalog.cut_off:
            outcome = Outcome(session_id, None, "its beginning had been cut off")
            try:
                report.removed.append(_with(outcome, self._clear(session_id)))
            except SessionLeased:
                continue  # somebody begins it after all
            except SessionExportError as error:
                _log.warning("Session %s can't be removed: %s", session_id, error)
                report.failed.append(outcome)

    def _clear(self, session_id: str) -> Removed:
        folder = self._catalog.folder(session_id)
        lease = Lease(folder)
        lease.acquire()
        try:
            if not holds_nothing(folder):
                raise SessionLeased("It was begun just now.")
            tombstone = bury(folder.path)
        finally:
            lease.release()
        return dissolve(tombstone, self._check)

    def _forget_befores(self) -> None:
        """Remove what notebooks had before a restore, as long ago as sessions are kept."""
        kept = self._rules.retention if self._rules.age is None else self._rules.age
        if kept is not None:
            self._befores.remove_older(self._clock() - kept)

    def _see_to_all(self, report: Report) -> None:
        sessions = reversed(self._catalog.sessions())
        with ThreadPoolExecutor(AT_ONCE, "session-export-removal") as workers:
            futures = [workers.submit(self._see_to, session, report) for session in sessions]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                workers.shutdown(wait=False, cancel_futures=True)
                raise

    def _see_to(self, session: Session, report: Report, fate: Fate | None = None) -> None:
        self._check()
        fate = fate or fate_of(session, self._rules, self._clock())
        if fate == KEEP:
            return
        outcome = Outcome(session.id, session.number, fate.reason)
        try:
            if report.dry_run:
                self._foresee(session, fate, outcome, report)
            else:
                self._apply(session, fate, outcome, report)
        except (SessionInUse, SessionLeased):
            report.in_use.append(outcome)
        except SessionExportError as error:
            _log.warning("Session %s can't be cleaned up: %s", session.id, error)
            report.failed.append(outcome)

    def _foresee(self, session: Session, fate: Fate, outcome: Outcome, report: Report) -> None:
        if self._catalog.in_use(session.id):
            report.in_use.append(outcome)
        elif fate.step == "end":
            report.ended.append(outcome)
        else:
            size = bytes_below(self._catalog.folder(session.id).path)
            report.removed.append(_with(outcome, size))

    def _apply(self, session: Session, fate: Fate, outcome: Outcome, report: Report) -> None:
        with self._catalog.custody(session.id) as custody:
            if custody.session.last_active_at != session.last_active_at:
                return  # used since it was listed: the next clean-up decides
            if fate.step == "remove":
                if session.guest:
                    self._befores.remove_all(session.owner)
                report.removed.append(_with(outcome, self._remove(custody, fate)))
            elif not custody.was_cut_off and self._rules.idle is not None:
                self._end(custody, session.last_active_at + self._rules.idle, fate.reason)
                report.ended.append(outcome)

    def _end(self, custody: Custody, at: datetime, reason: str) -> None:
        custody.end(at)
        session = custody.session
        self._note("session.ended", session.id, session, reason)

    def _remove(self, custody: Custody, fate: Fate) -> Removed:
        session = custody.session
        # On a full disk there is room for the line only when the files are gone.
        with suppress(StoreUnavailable):
            self._note("session.removing", session.id, session, fate.reason)
        if os.name == "nt":
            custody.release()  # a folder with an open file can't be renamed there
        tombstone = bury(custody.folder.path)
        if custody.is_needed(tombstone):
            raise_up(tombstone)
            raise SessionInUse("The session is being exported.", "Wait until that is done.")
        custody.release()
        removed = dissolve(tombstone, self._check)
        self._note("session.removed", session.id, session, fate.reason, removed)
        return removed

    def _make_room(self, most_bytes: int, report: Report) -> None:
        sizes = []
        for session in self._catalog.sessions():
            self._check()
            sizes.append((session, bytes_below(self._catalog.folder(session.id).path).bytes))
        gone = {outcome.session_id for outcome in report.removed}
        left = [(session, size) for session, size in sizes if session.id not in gone]
        goal = report.bytes + excess(sum(size for _, size in left), most_bytes)
        for session in may_go_early(session for session, _ in left):
            if report.bytes >= goal:
                break
            self._see_to(session, report, Fate("remove", "the store is larger than it may be"))

    def _note(
        self,
        action: str,
        session_id: str,
        session: Session | None,
        reason: str,
        removed: Removed | None = None,
    ) -> None:
        detail: dict[str, Any] = {"reason": reason}
        if session is not None:
            detail |= {"number": session.number, "last_active_at": to_iso(session.last_active_at)}
        if removed is not None:
            detail |= {"files": removed.files, "bytes": removed.bytes}
        user = None if session is None else session.user_id
        line = LogLine(AUDIT, self._clock(), session_id, user, action, None, detail)
        # That a removal began is on the disk before anything goes: its end needn't be.
        self._audit.append(line, durable=removed is None)


def _with(outcome: Outcome, removed: Removed) -> Outcome:
    return Outcome(outcome.session_id, outcome.number, outcome.reason, removed.files, removed.bytes)
