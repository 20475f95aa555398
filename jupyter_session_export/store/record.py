"""The record of a session, in the hands of its one writer."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..records.activity import LogLine
from ..records.content import Member, Sealed
from ..records.debugging import DebugItem, DebugSession
from ..records.execution import Execution, ExecutionKey, Kernel
from ..records.purge import PurgeScope
from ..records.session import Session
from ..records.shown import Shown
from ..records.times import now
from ..records.widgets import WidgetModel
from .blobs import Blobs, prepare_folder
from .cells import to_cell, to_json
from .database import Database
from .debugging import DebugSessions
from .debugging import remove as remove_debugging
from .deeds import forget_deeds
from .executions import Executions
from .folder import SessionFolder
from .footprint import Footprint
from .lease import Lease
from .logs import Logs
from .notebooks import Notebooks
from .pins import Pins
from .purging import last_number, matching, remove
from .room import Room
from .session_file import write_session
from .spool import Spool, spools_in
from .widgets import forget_models, write_models

TOUCH_INTERVAL = timedelta(seconds=5)
"""How far `session.json` may lag behind the last activity."""


class Record:
    """Writing of one session, under a lease that the caller has acquired; `close` releases it.

    All calls come from one thread, but those of `blobs`, which says so itself.
    Each raises StoreUnavailable where the disk is full, read-only or failing,
    and has then changed nothing.
    """

    def __init__(
        self,
        folder: SessionFolder,
        session: Session,
        lease: Lease,
        pins: Pins,
        room: Room | None = None,
    ) -> None:
        self.folder = folder
        self.session = session
        self._lease = lease
        self._pins = pins
        self._room = room or Room()
        folder.create()
        folder.sweep()
        prepare_folder(folder)
        self._leftovers = spools_in(folder.spool, self._room)
        self._footprint = Footprint(folder, self._room)
        self._database = Database.for_writing(folder)
        self.blobs = Blobs(folder, self._database, pins, self._room)
        self._notebooks = Notebooks(self._database)
        self._logs = Logs(self._database)
        try:
            self._executions = Executions(self._database, self._notebooks)
            self._debugging = DebugSessions(self._database, self._notebooks)
            last = last_number(self._database)
        except BaseException:
            self._database.close()
            raise
        self._last_number = max(last, *(spool.number for spool in self._leftovers), 0)
        self.session = replace(session, counts=self._executions.tally.counts())
        self._told = session
        pins.collected_here = True

    @property
    def position(self) -> int:
        """A counter that goes up with each change; the last commit's is the one readers see."""
        return self._database.position

    def next_number(self) -> int:
        """Return a number that no execution of this session had before. Raises StoreFull."""
        # What is short takes no room before it is sealed, for which there is a reserve.
        self._room.take(0)
        self._last_number += 1
        return self._last_number

    def begin(self, execution: Execution) -> None:
        """Note an execution that has no members yet."""
        self._executions.save(execution)

    def write(
        self,
        execution: Execution,
        members: Iterable[Member] | None = None,
        *,
        source_head: str = "",
        shown: Shown | None = None,
    ) -> None:
        """Insert an execution, or replace the one of its key; None leaves its members alone."""
        kept = None if members is None else list(members)
        self._executions.save(execution, kept, source_head, shown)
        self.blobs.written(kept or ())

    def has(self, key: ExecutionKey) -> bool:
        """Tell whether there is an execution of this key."""
        return self._executions.has(key)

    def find(self, key: ExecutionKey) -> tuple[Execution, list[Member]] | None:
        """Return an execution and all of its members, the record's own among them."""
        return self._executions.find(key)

    def unfinished(self) -> list[ExecutionKey]:
        """Return the executions that are noted as running."""
        return self._executions.unfinished()

    def log(self, line: LogLine) -> None:
        """Append a line to its log."""
        self._logs.append(line)

    def note_notebook(self, path: str, kernel_id: str, at: datetime | None = None) -> None:
        """Note that a notebook belongs to this session and runs on this kernel."""
        with self._database.step() as position:
            self._notebooks.note(path, kernel_id, at or now(), position)

    def rename_notebook(self, old: str, new: str) -> bool:
        """Note that a notebook, or a folder of some, lies elsewhere now; executions go with it.

        Returns whether this session knew any.
        """
        with self._database.step() as position:
            return self._notebooks.rename(old, new, position)

    def note_kernel(self, kernel: Kernel) -> None:
        with self._database.step():
            self._executions.note_kernel(kernel)

    def set_value(self, name: str, value: Any) -> None:
        """Note a small fact as JSON, such as a kernel's environment."""
        text = to_json(value)
        with self._database.step() as position:
            self._database.change(
                "INSERT OR REPLACE INTO facts (name, value, position) VALUES (?, ?, ?)",
                (to_cell(name), text, position),
            )

    def value(self, name: str) -> Any:
        """Return a fact; None where there is none."""
        row = self._database.row("SELECT value FROM facts WHERE name = ?", (to_cell(name),))
        return None if row is None else json.loads(row[0])

    def next_debug_number(self) -> int:
        """Return a number that no debug session had before."""
        return self._debugging.next_number()

    def save_debug_session(self, session: DebugSession) -> None:
        """Insert or replace a debug session; its stops and events stay."""
        self._debugging.save(session)

    def add_debug_item(self, item: DebugItem) -> None:
        """Add a stop or an event to its debug session."""
        self._debugging.add(item)

    def end_debug_sessions(self, at: datetime, cause: str) -> None:
        """End the debug sessions that a crashed writer left open."""
        self._debugging.end_all(at, cause)

    def purge_debugging(self, scope: PurgeScope, numbers: Collection[int]) -> int:
        """Remove stops and events of a scope and of these executions; return their bytes."""
        return remove_debugging(self._database, scope, numbers)

    def write_widgets(self, models: Iterable[WidgetModel], gone: Iterable[tuple[str, str]]) -> None:
        """Insert or replace models; remove those of which (kernel id, id) is given."""
        write_models(self._database, models, gone)

    def forget_widgets(self, scope: PurgeScope, numbers: Collection[int]) -> None:
        """Remove the models that a purge of these executions means."""
        forget_models(self._database, scope, numbers)

    def forget_deeds(self, scope: PurgeScope) -> None:
        """Remove the log's lines that a purge means, of what people did with files."""
        forget_deeds(self._database, scope)
        self._logs.recount()

    def commit(self) -> None:
        """Make durable, and visible to readers, what was written."""
        self._database.commit()
        self._footprint.look()
        self._count()

    def collect(self) -> None:
        """Commit, and delete content that nothing refers to; what an export has pinned stays."""
        self.blobs.collect()

    def matching(self, scope: PurgeScope) -> set[int]:
        """Return the numbers of the executions that a scope means."""
        return matching(self._database, scope)

    def purge(self, numbers: Collection[int], needed: Iterable[Sealed] = ()) -> int:
        """Remove executions; return their raw bytes. Their content goes with `scrub`.

        `needed` is all that was put and will be written: nothing may be sealed meanwhile.
        """
        size = remove(self._database, numbers)
        self._executions.tally.recount()
        self._logs.recount()
        self.blobs.need_only(needed)
        return size

    def scrub(self, *, anyway: bool = False) -> bool:
        """Delete content that nothing refers to, without a trace.

        While an export holds some of it nothing is done, or `anyway` what can be, and
        the answer is False. Takes as long as writing what is left of the record.
        """
        self.blobs.collect()
        held = self.blobs.is_held()
        if held and not anyway:
            return False
        wiped = self._database.wipe()
        self._footprint.look()
        self._count()
        self._tell_session(durable=True)
        return wiped and not held

    def check(self) -> None:
        """Raise StoreDamaged where what was committed can't be read back from the disk."""
        self._database.verify(self.folder)

    def spool(self, number: int) -> Spool:
        """Return the spool of an execution; nothing is on disk before the first `append`."""
        return Spool(self.folder.spool, number, room=self._room)

    def leftovers(self) -> list[Spool]:
        """Return the spools that a crashed writer left and nobody has removed since."""
        return [spool for spool in self._leftovers if spool.exists()]

    def touch(self, at: datetime) -> None:
        """Note activity; the disk is told at most each five seconds, and on `close`."""
        self.session = replace(self.session, last_active_at=at)
        if abs(at - self._told.last_active_at) >= TOUCH_INTERVAL:
            self._tell_session()

    def end(self, at: datetime) -> None:
        """End the session: nobody resumes it any more."""
        self._count()
        self.session = replace(self.session, last_active_at=at, ended_at=at)
        self._tell_session(durable=True)

    def close(self) -> None:
        """Commit, delete unused content and let go of the session, whatever fails of it."""
        try:
            self.blobs.collect()
            self._count()
            if self._told != self.session:
                self._tell_session(durable=True)
        finally:
            self._pins.collected_here = False
            try:
                self._database.close()
                self._footprint.look()
            finally:
                self._lease.release()

    def _tell_session(self, *, durable: bool = False) -> None:
        write_session(self.folder, self.session, durable=durable)
        self._told = self.session

    def _count(self) -> None:
        counts = self._executions.tally.counts()
        if counts != self.session.counts:
            self.session = replace(self.session, counts=counts)
