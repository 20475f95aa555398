"""jupyter-archive's download of a folder, in the same server."""

from __future__ import annotations

from ..reader import Download, download
from ..server import JupyterServer


def route(folder: str = "") -> str:
    """Return the route for a folder below the server's root; empty for the root."""
    return f"/directories/{folder}?archiveToken=benchmark&archiveFormat=zip"


def pack(server: JupyterServer, folder: str = "") -> Download:
    return download(server, route(folder))
