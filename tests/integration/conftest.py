"""Servers for integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bash import add_bash
from tests.servers import RunningServer, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that the tests of one module share; its session holds what they all ran."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def server_with_bash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The same, where Bash is known, too."""
    folder = tmp_path_factory.mktemp("server")
    add_bash(folder / "home" / "data")
    with running_server(folder) as server:
        yield server
