"""Code for many inputs, over the fake backend."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from jupyter_session_export.sessions import attempts
from jupyter_session_export.sessions.backend import Wanted
from jupyter_session_export.sessions.batch import Batch
from jupyter_session_export.sessions.engine import Engine
from jupyter_session_export.sessions.fake import FakeBackend

DEAF = """
import time
if item == "deaf":
    until = time.monotonic() + 1
    while time.monotonic() < until:
        try:
            time.sleep(0.01)
        except KeyboardInterrupt:
            pass
known
"""


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(FakeBackend(), most=2, log=logging.getLogger(__name__))
    yield engine
    await engine.shut_down()


async def test_what_had_to_be_restarted_is_set_up_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart takes what `setup` has made along; the next input's session is a new one."""
    monkeypatch.setattr(attempts, "GRACE_SECONDS", 0.1)
    batch = Batch(engine, Wanted(), DEAF, setup="known = 'set up'", timeout=0.2)
    results = await batch.run(["deaf", "other"], 1, lambda done, total: None)
    assert results[0].timed_out
    assert results[1].text == "'set up'", results[1]
    assert engine.count == 0
