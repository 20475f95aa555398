"""The order of the cells of notebooks as they are on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from ..insights.timeline import Layout
from ..store.plan import RecordPlan
from .notebooks import locate

MOST_BYTES = 2 * 1024 * 1024
"""Notebooks of so many bytes in all are looked into, the smallest first."""


def layouts(plan: RecordPlan, check: Callable[[], None]) -> dict[str, Layout]:
    """Return the order of the cells of notebooks that are on disk."""
    root, found, left = Path(plan.session.root), {}, MOST_BYTES
    if not plan.session.root:
        return {}
    for size, path, file in sorted(_files(root, plan)):
        left -= size
        if left < 0:
            break
        check()
        layout = _layout(path, file)
        if layout is not None:
            found[path] = layout
    return found


def _files(root: Path, plan: RecordPlan) -> Iterator[tuple[int, str, Path]]:
    for path in {each.notebook for each in plan.executions if each.notebook and not each.tool}:
        try:
            file, reason = locate(root, path)
            if reason is None:
                yield file.stat().st_size, path, file
        except (OSError, ValueError, RuntimeError):
            # It is gone, which is the export's to tell; its cells have no known order.
            continue


def _layout(path: str, file: Path) -> Layout | None:
    """Return the order of a notebook's cells; None where they have no ids or it is no notebook."""
    try:
        saved_at, document = file.stat().st_mtime, json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list):
        return None
    ids = [
        cell.get("id")
        for cell in cells
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    named = tuple(f"{path}#{each}" for each in ids if isinstance(each, str))
    return Layout(named, saved_at) if named and len(named) == len(ids) else None
