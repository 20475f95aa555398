"""A recorder whose messages come from the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_session_export.recording import recorder as recorder_module
from jupyter_session_export.recording.recorder import Recorder
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


@pytest.fixture
def sink(tmp_path: Path) -> FakeSink:
    return FakeSink(tmp_path / "spool")


@pytest.fixture
def recorder(sink: FakeSink, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    # Nobody answers on the channels of a kernel that is only its messages.
    monkeypatch.setattr(recorder_module, "ECHO_SECONDS", 0.01)
    monkeypatch.setattr(recorder_module, "TICK", 0.02)
    recorder = Recorder(retry_after=0.05)
    recorder.start()
    recorder.attach_session(sink)
    yield recorder
    recorder.close()


@pytest.fixture
def kernel(recorder: Recorder, sink: FakeSink) -> FedKernel:
    return FedKernel(recorder, sink.session.id)
