"""The sink that unit tests record into."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.recording.fake_sink import FakeSink


@pytest.fixture
def sink(tmp_path: Path) -> FakeSink:
    return FakeSink(tmp_path / "spool")
