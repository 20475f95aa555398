"""`jupyter session-export stats`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..client.wording import duration, size
from ..exports.direct import recorded_insights, session_stats
from ..records.finding import Insights, finding_lines
from ..records.session import Session
from ..settings import SessionExport
from ..store.catalog import Catalog
from ..upkeep.recovery import recover
from .live import live_client
from .screen import Screen


def show_stats(catalog: Catalog, session: Session, settings: SessionExport, screen: Screen) -> int:
    """Write what the session holds, as its server or else its record says, and its insights."""
    stats = _stats(catalog, session, settings)
    # After the server was asked: it has committed what has come by then.
    insights = recorded_insights(catalog, session.id)
    if screen.json:
        screen.document({**stats, **insights.to_json()})
        return 0
    for line in (*_lines({**stats, "timing": insights.timing}), *_insights(insights)):
        screen.line(line)
    return 0


def _insights(insights: Insights) -> Iterator[str]:
    if insights.findings:
        yield "insights (what is saved may overlap)"
        for line in finding_lines(insights.findings):
            yield f"  {line}"


def _stats(catalog: Catalog, session: Session, settings: SessionExport) -> dict[str, Any]:
    client = live_client(catalog, session)
    if client is None:
        recover(catalog, session.id)
        return session_stats(catalog, session.id, settings)
    with client:
        return client.stats()


def _lines(stats: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Write a nested object with its names aligned, one value a line."""
    plain = {name: value for name, value in stats.items() if not isinstance(value, Mapping)}
    width = max(map(len, plain), default=0)
    for name, value in plain.items():
        yield f"{indent}{_title(name):{width}}  {_value(name, value)}"
    for name, value in stats.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{_title(name)}"
            yield from _lines(value, indent + "  ")


def _title(name: str) -> str:
    return name.removesuffix("_ms").replace("_", " ")


def _value(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _amount(name, value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value)


def _amount(name: str, value: float) -> str:
    if name.endswith("bytes"):
        return size(value)
    if name.endswith("_ms"):
        return duration(value / 1000)
    if name.endswith(("seconds", "_s")):
        return duration(value)
    return f"{value:,}"
