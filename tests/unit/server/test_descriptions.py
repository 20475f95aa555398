from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from jupyter_session_export.records.session import Counts, Session
from jupyter_session_export.server.descriptions import Descriptions
from jupyter_session_export.server.gauge import Measure
from jupyter_session_export.settings import SessionExport

AT = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
SESSION = Session(
    id="5" * 32,
    number=5,
    owner="ada",
    guest=False,
    root="/home/ada",
    started_at=AT,
    last_active_at=AT,
    counts=Counts(notebooks=1, executions=2, errors=0, kernels=1),
)


class KnownMeasures:
    """Stands in for what measures the disk."""

    def __init__(self) -> None:
        self.measures: dict[str, Measure] = {}

    async def measure(self, _sessions: Sequence[Session], _written: set[str]) -> dict[str, Measure]:
        return dict(self.measures)


class NothingOpen:
    open_here: tuple[()] = ()

    def record_of(self, _session_id: str) -> None:
        return None


@pytest.fixture
def gauge() -> KnownMeasures:
    return KnownMeasures()


@pytest.fixture
def descriptions(gauge: KnownMeasures) -> Descriptions:
    nobody: Any = None
    doors: Any = NothingOpen()
    measures: Any = gauge
    return Descriptions(SessionExport(), doors, nobody, measures)


async def test_what_did_not_change_is_described_once(descriptions: Descriptions) -> None:
    """A list that is asked for again and again makes no text again."""
    first = await descriptions.of(SESSION)
    assert first["number"] == 5
    assert await descriptions.of(SESSION) is first


async def test_what_changed_is_described_anew(
    descriptions: Descriptions, gauge: KnownMeasures
) -> None:
    """A session that was written again, or measured again."""
    assert (await descriptions.of(SESSION))["bytes"] is None
    gauge.measures[SESSION.id] = Measure(1000, AT, None, 0.0)
    assert (await descriptions.of(SESSION))["bytes"] == 1000
    ended = replace(SESSION, ended_at=AT)
    assert (await descriptions.of(ended))["ended_at"] is not None
