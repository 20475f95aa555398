"""Hosts of sessions for tests: this machine, a Jupyter server, a gateway, the fake one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jupyter_session_export.sessions.fake import fake_host
from jupyter_session_export.sessions.hosting import Hosting
from jupyter_session_export.sessions.local.backend import LocalBackend
from jupyter_session_export.sessions.session import Host, Session
from jupyter_session_export.settings import SessionExport
from tests.gateways import enterprise_python, running_gateway
from tests.servers import isolated_environment, running_server


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Have this process's environment be another for as long as the block lasts."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def local_host(folder: Path, **settings: object) -> Iterator[Host]:
    """Run sessions of this machine, recorded below a folder."""
    data_dir = folder / "data" / "session_export"
    chosen = SessionExport(data_dir=str(data_dir), **settings)
    with (
        environment(isolated_environment(folder)),
        Host(Hosting(LocalBackend, chosen)) as host,
    ):
        yield host


@contextmanager
def server_host(folder: Path) -> Iterator[Host]:
    """Run sessions of a Jupyter server."""
    with (
        running_server(folder) as server,
        Session.connect(server.url, token=server.token) as host,
    ):
        yield host


@contextmanager
def gateway_host(folder: Path) -> Iterator[Host]:
    """Run sessions of a Kernel Gateway."""
    with running_gateway(folder) as url, Session.connect(url) as host:
        yield host


@contextmanager
def enterprise_host(folder: Path) -> Iterator[Host]:
    """Run sessions of an Enterprise Gateway, in an environment of its own."""
    command = (str(enterprise_python(folder / "environment")), "-m", "enterprise_gateway")
    # By default it refuses the administrator, whom tests may run as.
    with (
        environment({**os.environ, "EG_UNAUTHORIZED_USERS": "nobody"}),
        running_gateway(folder, command, "EnterpriseGatewayApp") as url,
        Session.connect(url) as host,
    ):
        yield host


@contextmanager
def a_fake_host(folder: Path) -> Iterator[Host]:
    """Run sessions that are none."""
    with fake_host() as host:
        yield host
