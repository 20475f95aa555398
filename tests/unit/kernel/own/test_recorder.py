"""A kernel's own recorder around forks; the rest needs a real kernel."""

from __future__ import annotations

import logging
import time
from types import SimpleNamespace

import pytest

from jupyter_session_export.kernel.own import recorder
from jupyter_session_export.kernel.own.recorder import OwnRecorder


@pytest.fixture
def own() -> OwnRecorder:
    kernel = SimpleNamespace(
        session=SimpleNamespace(send=print),
        iopub_thread=SimpleNamespace(send_multipart=print),
        log=logging.getLogger(__name__),
    )
    return OwnRecorder(SimpleNamespace(kernel=kernel))


def test_a_fork_leaves_the_recorder_as_it_was(own: OwnRecorder) -> None:
    """In the process that forks all goes on, as often as it does."""
    for _ in range(2):
        own.before_fork()
        assert own._opening.locked()
        own.after_fork()
        assert not own._opening.locked()


def test_a_forked_process_forks_without_waiting(
    own: OwnRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never gets back what its parent held when it forked."""
    monkeypatch.setattr(recorder, "FORK_SECONDS", 30.0)
    own.before_fork()
    own.forget()
    began = time.monotonic()
    own.before_fork()
    own.after_fork()
    assert time.monotonic() - began < 10
