"""What the server extension does beside wiring."""

from __future__ import annotations

import asyncio
import logging

import pytest

from jupyter_session_export.server import app
from jupyter_session_export.server.app import SessionExportApp


def test_what_can_not_be_loaded_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A broken install shows in the log of a server, before anybody exports."""

    def load_all() -> None:
        raise ImportError("no zlib")

    monkeypatch.setattr(app, "LOAD_AFTER", 0.0)
    monkeypatch.setattr(app, "load_all", load_all)
    extension = SessionExportApp(log=logging.getLogger("extension"))
    asyncio.run(extension._load_late())
    assert "won't be able to export" in caplog.text
    assert "no zlib" in caplog.text
