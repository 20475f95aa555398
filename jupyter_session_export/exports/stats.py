"""What a session holds, in figures, section by section."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..records.times import to_iso_or_none
from ..records.unrecorded import NOTEBOOKS_OFF, recorded
from ..store.catalog import Catalog
from .belongings import Belongings

if TYPE_CHECKING:
    from ..store.plan import RecordStats
    from ..store.reader import RecordReader
    from .walks import Walks

MOST_REMEMBERED = 32


class Statistics:
    """Counts sessions without making a ZIP or reading content; any thread."""

    def __init__(
        self, catalog: Catalog, belongings: Belongings | None, *, include_hidden: bool = False
    ) -> None:
        self._catalog = catalog
        self._unrecorded = () if belongings is None else belongings.unrecorded
        self._belongings = belongings
        self._include_hidden = include_hidden
        self._counted: dict[str, tuple[int, RecordStats]] = {}

    @cached_property
    def _walks(self) -> Walks:
        # No server needs it to start.
        from .walks import Walks  # noqa: PLC0415

        return Walks(self._belongings, include_hidden=self._include_hidden)

    def of(self, session_id: str, *, unsealed_bytes: int = 0) -> dict[str, Any]:
        """Return the figures of a session. `bytes` are raw, `stored_bytes` those in a ZIP.

        `unsealed_bytes` are what has been printed and isn't in the record yet. Raises
        SessionNotFound or another StoreError.
        """
        with self._catalog.read(session_id) as reader:
            position = reader.position
            stats = self._stats(reader, position)
            notebooks = [notebook.path for notebook in reader.notebooks()]
            off = reader.fact(NOTEBOOKS_OFF)
        session, folder = reader.session, reader.folder
        figures = {
            "session_id": session.id,
            "number": session.number,
            "position": position,
            "code": _code(session.root, recorded(notebooks, off, self._unrecorded)),
            "executions": _executions(stats, unsealed_bytes),
            "debug": {
                "count": stats.debug_sessions,
                "stops": stats.debug_stops,
                "bytes": stats.debug_bytes,
            },
            "logs": {
                "count": sum(stats.log_lines.values()),
                "by_log": stats.log_lines,
                "bytes": sum(stats.log_bytes.values()),
            },
            "outputs": self._walks.outputs(folder),
            **self._walks.belonging(session, folder),
        }
        workspace = self._walks.workspace(session, folder, notebooks)
        figures["sections"] = _sections(figures, stats, workspace)
        return figures

    def _stats(self, reader: RecordReader, position: int) -> RecordStats:
        """Count the record, unless it is as it was: an open sidebar asks again and again."""
        known = self._counted.get(reader.session.id)
        if known is not None and known[0] == position:
            return known[1]
        stats = reader.stats()
        self._counted[reader.session.id] = position, stats
        while len(self._counted) > MOST_REMEMBERED:
            self._counted.pop(next(iter(self._counted)), None)
        return stats


def _code(root: str, notebooks: list[str]) -> dict[str, int]:
    sizes = [_size(Path(root), path) for path in notebooks] if root else []
    return {"count": len(notebooks), "bytes": sum(sizes)}


def _executions(stats: RecordStats, unsealed_bytes: int) -> dict[str, Any]:
    return {
        "count": sum(stats.executions.values()),
        "by_status": {status.value: count for status, count in stats.executions.items()},
        "tools": stats.tools,
        "members": stats.members,
        "bytes": stats.bytes + unsealed_bytes,
        "unsealed_bytes": unsealed_bytes,
        "stored_bytes": stats.stored_bytes,
        "first_started_at": to_iso_or_none(stats.first_started_at),
        "last_finished_at": to_iso_or_none(stats.last_finished_at),
    }


def _sections(
    figures: dict[str, Any], stats: RecordStats, workspace: tuple[int, int] | None
) -> dict[str, dict[str, int] | None]:
    """Return what the session would give each section of a ZIP, without what the ZIP adds."""
    recordings, readings = figures.get("recordings", {}), figures.get("readings", {})
    return {
        "code": _section(figures["code"]["count"], figures["code"]["bytes"]),
        "executions": _section(stats.members, figures["executions"]["bytes"]),
        "debug": _section(stats.debug_sessions, stats.debug_bytes),
        "logs": _section(len(stats.log_lines), figures["logs"]["bytes"]),
        "recordings": _section(recordings.get("count", 0), recordings.get("bytes", 0)),
        "data": _section(
            readings.get("collected_files", 0) + readings.get("logged_files", 0),
            readings.get("collected_bytes", 0) + readings.get("logged_bytes", 0),
        ),
        "outputs": _section(figures["outputs"]["count"], figures["outputs"]["bytes"]),
        "workspace": None if workspace is None else _section(*workspace),
    }


def _section(entries: int, size: int) -> dict[str, int]:
    return {"entries": entries, "bytes": size}


def _size(root: Path, notebook: str) -> int:
    # No server needs it to start.
    from .notebooks import locate  # noqa: PLC0415

    try:
        file, reason = locate(root, notebook)
        return file.stat().st_size if reason is None else 0
    except (OSError, ValueError, RuntimeError):
        return 0
