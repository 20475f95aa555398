"""`%session_export` in a gateway's kernel: its server is asked by way of the page."""

from __future__ import annotations

import os
import uuid
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from IPython.display import display

from ..client.access import VARIABLE, by_gateway
from ..errors import InvalidRequest
from ..records.gateway import EXPORT_REQUEST

ASKED = (
    "The Jupyter server is asked for the session's ZIP; a link to it will be here. "
    "If none comes, that server doesn't record."
)


def runs_by_gateway(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether there is no server that this kernel could reach, but one that may hear it."""
    return not environment.get(VARIABLE) and by_gateway(environment)


def ask(shell: Any, arguments: Namespace) -> None:
    """Publish what is wanted, and an output for the answer. Raises InvalidRequest."""
    if arguments.path is not None:
        raise InvalidRequest(
            "A gateway's kernel has no way to write the ZIP: the server keeps it.",
            "Leave out the path; a link to the ZIP will be shown.",
        )
    kernel, display_id = shell.kernel, uuid.uuid4().hex
    _show({"text/plain": ASKED}, raw=True, display_id=display_id)
    content = {
        "display_id": display_id,
        "session_id": arguments.session,
        "notebook": arguments.notebook,
        "include": arguments.include,
        "compression": arguments.compression,
    }
    parent = kernel.get_parent()
    kernel.session.send(kernel.iopub_socket, EXPORT_REQUEST, content, parent=parent)


_show: Any = display  # IPython annotates none of its functions
