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
    extension._kernel_starts = asyncio.Event()
    asyncio.run(extension._load_late())
    assert "won't be able to export" in caplog.text
    assert "no zlib" in caplog.text


async def test_exports_are_loaded_while_the_first_kernel_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who runs a cell and exports at once need not wait for what a server's start has left out."""
    loaded: list[bool] = []
    monkeypatch.setattr(app, "LOAD_AFTER", 3600.0)
    monkeypatch.setattr(app, "load_all", lambda: loaded.append(True))
    extension = SessionExportApp()
    extension._kernel_starts = asyncio.Event()
    loading = asyncio.create_task(extension._load_late())
    await asyncio.sleep(0)
    assert not loading.done()
    with pytest.raises(AttributeError):
        await extension._session_of_starting_kernel()  # of a service that this one lacks
    await asyncio.wait_for(loading, 20)
    assert loaded == [True]
