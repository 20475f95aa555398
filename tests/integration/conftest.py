"""Servers for integration tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bash import add_bash
from tests.building import Build, build_once
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


@pytest.fixture(scope="module")
def server_of_owners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The same, where each person is an owner."""
    arguments = ["--SessionExport.owner_mode=identity"]
    with running_server(tmp_path_factory.mktemp("server"), arguments=arguments) as server:
        yield server


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of one test alone."""
    with running_server(tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The sdist and the wheel of what is here; processes of one test run share them."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    return build_once(folder / "build")
