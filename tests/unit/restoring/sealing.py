"""An execution that is sealed just when a test wants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from jupyter_session_export.recording import recorder as recorder_module
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.store.record import Record
from tests.unit.recording.feed import FedKernel
from tests.waiting import wait_until

SHOWN = {"output_type": "stream", "name": "stdout", "text": "shown\n"}


@dataclass(frozen=True)
class Running:
    """Execution 1, which runs on; what it shows lies in the spool."""

    recorder: Recorder
    record: Record
    kernel: FedKernel

    def end(self) -> None:
        """Have it sealed, and wait until it has left the spool."""
        self.kernel.idle("m1")
        wait_until(lambda: not (self.record.folder.spool / "1").exists())


@contextmanager
def running(record: Record, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Run an execution in a session of its own."""
    for name in ("TICK", "ECHO_SECONDS", "IDLE_SECONDS"):
        monkeypatch.setattr(recorder_module, name, 0.01)
    recorder = Recorder()
    recorder.start()
    try:
        recorder.attach_session(record)
        kernel = FedKernel(recorder, record.session.id)
        kernel.busy("m1", "print('shown')")
        kernel.stream("m1", "shown\n")
        wait_until((record.folder.spool / "1" / "stdout.txt").is_file)
        yield Running(recorder, record, kernel)
    finally:
        recorder.close()
