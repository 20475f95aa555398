"""Breakpoints as requests and answers set, move and remove them (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...records.debugging import Breakpoint

MOST = 500
TEXT_CHARACTERS = 1000

Breakpoints = tuple[Breakpoint, ...]
What = tuple[int | None, str | None, str | None, str | None]
"""Line, condition, hit condition, log message."""


def requested(known: Breakpoints, arguments: dict[str, Any], at: datetime) -> Breakpoints:
    """Take a setBreakpoints request: it names all of one file, so what it leaves out is removed."""
    path = _path(arguments)
    wanted = [_read(path, one, at) for one in _objects(arguments.get("breakpoints"))]
    by_what = {_what(one): one for one in wanted}
    kept = tuple(
        replace(one, removed_at=at) if _is_set(one, path) and _what(one) not in by_what else one
        for one in known
    )
    there = {_what(one) for one in kept if _is_set(one, path)}
    added = tuple(one for what, one in by_what.items() if what not in there)
    return (*kept, *added)[-MOST:]


def confirmed(known: Breakpoints, arguments: dict[str, Any], answer: dict[str, Any]) -> Breakpoints:
    """Take the answer: the lines that the debugger really stops at, in the request's order."""
    path = _path(arguments)
    asked = [_asked(one) for one in _objects(arguments.get("breakpoints"))]
    told = dict(zip(asked, _objects(answer.get("breakpoints")), strict=False))
    return tuple(
        _moved(one, told[_what(one)]) if _is_set(one, path) and _what(one) in told else one
        for one in known
    )


def informed(known: Breakpoints, info: dict[str, Any], at: datetime) -> Breakpoints:
    """Add those that debugInfo knows, which nobody was seen to set."""
    lines = {(one.path, one.line) for one in known if one.removed_at is None}
    added = []
    for source in _objects(info.get("breakpoints")):
        path = str(source.get("source"))[:TEXT_CHARACTERS]
        for one in _objects(source.get("breakpoints")):
            found = _read(path, one, at)
            if (path, found.line) not in lines:
                lines.add((path, found.line))
                added.append(found)
    return (*known, *added)[-MOST:]


def _moved(known: Breakpoint, told: dict[str, Any]) -> Breakpoint:
    line, verified = told.get("line"), told.get("verified")
    return replace(
        known,
        line=line if isinstance(line, int) else known.line,
        verified=verified if isinstance(verified, bool) else known.verified,
    )


def _read(path: str, data: dict[str, Any], at: datetime) -> Breakpoint:
    line, condition, hit_condition, log_message = _asked(data)
    return Breakpoint(
        path=path,
        line=line,
        condition=condition,
        hit_condition=hit_condition,
        log_message=log_message,
        set_at=at,
    )


def _asked(data: dict[str, Any]) -> What:
    line = data.get("line")
    return (
        line if isinstance(line, int) else None,
        _text(data.get("condition")),
        _text(data.get("hitCondition")),
        _text(data.get("logMessage")),
    )


def _what(one: Breakpoint) -> What:
    return (one.line, one.condition, one.hit_condition, one.log_message)


def _is_set(one: Breakpoint, path: str) -> bool:
    return one.path == path and one.removed_at is None


def _path(arguments: dict[str, Any]) -> str:
    source = arguments.get("source")
    return str(source.get("path"))[:TEXT_CHARACTERS] if isinstance(source, dict) else ""


def _text(value: Any) -> str | None:
    return value[:TEXT_CHARACTERS] if isinstance(value, str) and value else None


def _objects(found: Any) -> Sequence[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
