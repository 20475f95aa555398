from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_session_export.client.access import Access
from jupyter_session_export.client.client import SessionExportClient
from tests.unit.client.fake_server import Running, serving


@pytest.fixture
def server() -> Iterator[Running]:
    with serving() as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[SessionExportClient]:
    with SessionExportClient(Access.from_json(server.access())) as client:
        yield client
