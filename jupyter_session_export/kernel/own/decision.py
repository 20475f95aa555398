"""Whether a kernel records itself: only where nobody else does, so that nothing comes twice."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ...client.access import VARIABLE
from ...records.unrecorded import RECORD_VARIABLE

GATEWAY_VARIABLE = "KERNEL_GATEWAY"
"""Kernel Gateway and Enterprise Gateway set it; the notebook server in front records there."""
STARTER_VARIABLE = "JPY_PARENT_PID"
"""The process that started a kernel, by jupyter_client."""


def records_itself(environment: Mapping[str, str]) -> bool:
    """Tell by a kernel's environment; the settings may still say that nothing is recorded."""
    if environment.get(RECORD_VARIABLE) == "0" or environment.get(GATEWAY_VARIABLE):
        return False
    return not _a_server_records(environment)


def _a_server_records(environment: Mapping[str, str]) -> bool:
    """Tell whether the server that left an access file started this very kernel.

    What nbclient starts in a recorded kernel or in a terminal inherits the variable,
    yet no server knows of it.
    """
    path = environment.get(VARIABLE)
    if not path or not Path(path).exists():
        return False
    server, starter = _writer_beside(Path(path)), environment.get(STARTER_VARIABLE)
    # On Windows the variable holds a handle.
    if sys.platform == "win32" or server is None or not starter:
        return True
    return starter == str(server)


def _writer_beside(access: Path) -> int | None:
    """Return the process that writes the session of an access file, if it says so."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return int(json.loads(access.with_name("lease.json").read_bytes())["pid"])
    return None
