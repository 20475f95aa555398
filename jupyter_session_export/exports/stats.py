"""What a session holds, in figures, section by section."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..records.times import to_iso_or_none
from ..store.reader import RecordReader
from ..workspaces.listing import bytes_below


def stats_of(reader: RecordReader) -> dict[str, Any]:
    """Count a record without reading content. `bytes` are raw, `stored_bytes` those in a ZIP."""
    stats = reader.stats()
    root = Path(reader.session.root)
    outputs = bytes_below(reader.folder.outputs)
    notebooks = [root / notebook.path.lstrip("/") for notebook in reader.notebooks()]
    return {
        "session_id": reader.session.id,
        "number": reader.session.number,
        "position": reader.position,
        "code": {
            "count": len(notebooks),
            "bytes": sum(_size(path) for path in notebooks) if reader.session.root else 0,
        },
        "executions": {
            "count": sum(stats.executions.values()),
            "by_status": {status.value: count for status, count in stats.executions.items()},
            "tools": stats.tools,
            "members": stats.members,
            "bytes": stats.bytes,
            "stored_bytes": stats.stored_bytes,
            "first_started_at": to_iso_or_none(stats.first_started_at),
            "last_finished_at": to_iso_or_none(stats.last_finished_at),
        },
        "logs": {"count": sum(stats.log_lines.values()), "by_log": stats.log_lines},
        "outputs": {"count": outputs.files, "bytes": outputs.bytes},
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
