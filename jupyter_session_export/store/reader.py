"""Read-only views of a session's record, for exports and the command line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Literal

from ..records.activity import LogLine
from ..records.content import Member, Sealed
from ..records.execution import Execution, Kernel, Status
from ..records.session import Counts, Session
from .cells import from_cell, from_micros, from_optional_micros, to_cell
from .database import Database
from .debugging import debug_figures, read_debug
from .executions import find_numbered
from .folder import SessionFolder
from .kept_blobs import KeptBlobs
from .measured import read_measured
from .pins import Pin, Pins
from .plan import RecordedNotebook, RecordPlan, RecordStats
from .planning import read_executions
from .rows import to_execution
from .runs import (
    RecordedRun,
    count_runs,
    newest_messages,
    newest_runs,
    runs_of_cell,
    runs_of_kernel,
    runs_without_cells,
    shown_by_cells,
)
from .spool import Spool
from .tally import count
from .widgets import read_models

PAGE = 200


class RecordReader:
    """What was committed, by a connection of its own; a context manager.

    It needs no lease and changes nothing. Each call sees the newest commit.
    """

    def __init__(self, folder: SessionFolder, session: Session, pins: Pins) -> None:
        self.session = session
        self.folder = folder
        self._pins = pins
        self._database = Database.for_reading(folder)
        self._blobs = KeptBlobs(folder, self._database, pins)

    @property
    def position(self) -> int:
        """The record's counter at the newest commit."""
        return int(self._database.rows("SELECT position FROM counters")[0][0])

    def plan(
        self,
        *,
        tools: bool = False,
        notebook: str | None = None,
        logged_until: int | None = None,
    ) -> RecordPlan:
        """Read what an export needs in one short transaction, and pin its content.

        `tools` takes in what tools executed, `notebook` leaves out all but what
        was executed from that path, `logged_until` the log's lines after that
        position. Release the plan when it is done with.
        """
        pin = self._pins.pin(None)
        try:
            with self._database.snapshot():
                kernels = self.kernels()
                executions = read_executions(
                    self._database, kernels, tools=tools, notebook=notebook
                )
                plan = RecordPlan(
                    position=self.position,
                    session=self.session,
                    executions=executions,
                    measured=read_measured(self._database),
                    notebooks=self.notebooks(),
                    kernels=kernels,
                    debug=read_debug(self._database, notebook),
                    facts=self.facts(),
                    log_lines=self._log_lines(logged_until),
                    widgets=read_models(self._database),
                    pin=pin,
                )
            pin.narrow(plan.digests())
        except BaseException:
            pin.release()
            raise
        return plan

    def executions(
        self, *, tools: bool = False, notebook: str | None = None, after: int = 0
    ) -> Iterator[Execution]:
        """Yield executions by number, from the one after `after` on."""
        while True:
            rows = self._database.rows(
                """SELECT e.number, d.json, n.path FROM executions AS e
                JOIN details AS d ON d.execution = e.number
                LEFT JOIN notebooks AS n ON n.id = e.notebook_id
                WHERE e.number > ? AND e.tool <= ? AND (? OR n.path = ?)
                ORDER BY e.number LIMIT ?""",
                (after, tools, notebook is None, to_cell(notebook or ""), PAGE),
            )
            for _, detail, path in rows:
                yield to_execution(detail, path)
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    def newest_runs(self, notebook: str) -> list[RecordedRun]:
        """Return the last run of each cell of a notebook, by number."""
        return newest_runs(self._database, notebook)

    def runs_of_cell(
        self, notebook: str, cell_id: str, *, before: int, limit: int
    ) -> list[RecordedRun]:
        """Return runs of a cell before a number, the newest first."""
        return runs_of_cell(self._database, notebook, cell_id, before, limit)

    def runs_of_kernel(self, kernel_id: str) -> list[RecordedRun]:
        """Return all that a kernel ran, by number."""
        return runs_of_kernel(self._database, kernel_id)

    def newest_messages(self, kernel_id: str) -> list[str]:
        """Return the msg_ids of what the newest process of a kernel ran."""
        return newest_messages(self._database, kernel_id)

    def runs_without_cells(self, notebook: str) -> list[RecordedRun]:
        """Return what was run of a notebook by whoever tells no cells, by number."""
        return runs_without_cells(self._database, notebook)

    def shown_by_cells(self, notebook: str) -> list[tuple[str | None, str]]:
        """Return each cell with the digest of what some run of it has shown, each once."""
        return shown_by_cells(self._database, notebook)

    def count_runs(self, notebook: str) -> dict[str, int]:
        """Return how often each cell of a notebook was run."""
        return count_runs(self._database, notebook)

    def find(self, number: int) -> tuple[Execution, list[Member]] | None:
        """Return an execution and all of its members, the record's own among them."""
        return find_numbered(self._database, number)

    def spool(self, number: int) -> Spool:
        """Return the spool of an execution that its recorder still holds; to be read only."""
        return Spool(self.folder.spool, number)

    def widgets(self) -> dict[str, str]:
        """Return each widget's model as JSON by its id, the oldest first."""
        return read_models(self._database)

    def hold(self) -> Pin:
        """Keep all content from being collected until the pin is released."""
        return self._pins.pin(None)

    def log(self, log: Literal["activity", "audit"]) -> Iterator[LogLine]:
        """Yield the lines of a log in the order they were written."""
        for text in self._log_lines().get(log, []):
            yield LogLine.from_json(log, json.loads(text))

    def notebooks(self) -> list[RecordedNotebook]:
        """Return the session's notebooks in the order they were first heard of."""
        return [
            RecordedNotebook(
                from_cell(path), from_cell(kernel_id), from_micros(first), from_micros(last)
            )
            for path, kernel_id, first, last in self._database.rows(
                "SELECT path, kernel_id, first_seen, last_seen FROM notebooks ORDER BY id"
            )
        ]

    def kernels(self) -> list[Kernel]:
        rows = self._database.rows("SELECT id, name, language, file_extension FROM kernels")
        return [Kernel(*(from_cell(cell) for cell in row)) for row in rows]

    def facts(self) -> dict[str, Any]:
        """Return what was noted by `Record.set_value`."""
        rows = self._database.rows("SELECT name, value FROM facts ORDER BY name")
        return {from_cell(name): json.loads(value) for name, value in rows}

    def fact(self, name: str) -> Any:
        """Return one of them; None where there is none."""
        row = self._database.row("SELECT value FROM facts WHERE name = ?", (to_cell(name),))
        return None if row is None else json.loads(row[0])

    def counts(self) -> Counts:
        """Return what a list of sessions shows."""
        with self._database.snapshot():
            return count(self._database)

    def stats(self) -> RecordStats:
        """Count, without reading any content."""
        database = self._database
        with database.snapshot():
            statuses = database.rows(
                "SELECT status, count(*) FROM executions WHERE tool = 0 GROUP BY status"
            )
            ((tools, first, last),) = database.rows(
                "SELECT total(tool), min(started_at), max(finished_at) FROM executions"
            )
            ((members, size, stored_size),) = database.rows(
                """SELECT coalesce(sum(members), 0), coalesce(sum(size), 0),
                    coalesce(sum(stored_size), 0) FROM executions WHERE tool = 0"""
            )
            logs = database.rows(
                "SELECT log, count(*), sum(length(json) + 1) FROM log_lines GROUP BY log"
            )
            ((notebooks,),) = database.rows("SELECT count(*) FROM notebooks")
            debug_sessions, debug_stops, debug_bytes = debug_figures(database)
        return RecordStats(
            executions={Status(status): count for status, count in statuses},
            tools=int(tools),
            members=members,
            bytes=size,
            stored_bytes=stored_size,
            notebooks=notebooks,
            log_lines={log: lines for log, lines, _ in logs},
            log_bytes={log: size for log, _, size in logs},
            debug_sessions=debug_sessions,
            debug_stops=debug_stops,
            debug_bytes=debug_bytes,
            first_started_at=from_optional_micros(first),
            last_finished_at=from_optional_micros(last),
        )

    def open(self, sealed: Sealed, offset: int = 0) -> Iterator[bytes]:
        """Yield kept bytes; as `KeptBlobs.open`."""
        return self._blobs.open(sealed, offset)

    def read_small(self, sealeds: Collection[Sealed]) -> dict[str, bytes]:
        """Return kept bytes of what is small; as `KeptBlobs.read_small`."""
        return self._blobs.read_small(sealeds)

    def pin(self, sealeds: Iterable[Sealed]) -> Pin:
        """Keep these from being collected until the pin is released."""
        return self._blobs.pin(sealeds)

    def read(self, sealed: Sealed) -> bytes:
        """Return raw content; as `KeptBlobs.read`."""
        return self._blobs.read(sealed)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> RecordReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _log_lines(self, until: int | None = None) -> dict[str, list[str]]:
        lines: dict[str, list[str]] = {}
        for log, text in self._database.rows(
            "SELECT log, json FROM log_lines WHERE ?1 IS NULL OR position <= ?1 ORDER BY id",
            (until,),
        ):
            lines.setdefault(log, []).append(text)
        return lines
