"""A plain file, sent as it is by the same server: the floor of what a download costs."""

from __future__ import annotations

from pathlib import Path

from ..reader import Download, download
from ..server import JupyterServer


def target(server: JupyterServer, name: str) -> Path:
    """Return where a file must lie to be sent by `send`."""
    return server.static / name


def send(server: JupyterServer, name: str) -> Download:
    return download(server, f"/static/{name}")
