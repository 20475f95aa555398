from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from jupyter_session_export.sessions.state import States, StoreKey
from jupyter_session_export.store.folder import SessionFolder

from .real_link import RealLink

SESSION_ID = "5e" * 16


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealLink]:
    link = await RealLink.start(tmp_path_factory.mktemp("kernel"))
    yield link
    await link.close()


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    folder = SessionFolder(tmp_path / SESSION_ID)
    folder.create()
    return folder


@pytest.fixture
def states(tmp_path: Path, folder: SessionFolder) -> States:
    return States(folder, StoreKey(tmp_path))
