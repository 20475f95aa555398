"""What a kernel knows of itself: its notebook, its folder, and what runs in it now."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import DestinationUnwritable, InvalidRequest


def notebook_path(environment: Mapping[str, str] = os.environ) -> str:
    """Return the notebook's absolute path. Raises InvalidRequest where there is none."""
    path = environment.get("JPY_SESSION_NAME")
    if not path:
        raise InvalidRequest(
            "This kernel belongs to no notebook.", "Export the session, without --notebook."
        )
    return path


def home_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the notebook's folder, or the working folder where there is none."""
    path = environment.get("JPY_SESSION_NAME")
    if path and Path(path).parent.is_dir():
        return Path(path).parent
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise DestinationUnwritable(
            "The notebook's folder is gone, and so is the working folder.", "Name a folder."
        ) from error


def kernel_id_of(shell: Any) -> str | None:
    """Return the id of an ipykernel; None elsewhere."""
    application = getattr(getattr(shell, "kernel", None), "parent", None)
    # No variable holds the kernel's id, but its connection file is `kernel-<id>.json`.
    connection_file = getattr(application, "connection_file", None)
    return Path(connection_file).stem.removeprefix("kernel-") if connection_file else None


def running_execution(shell: Any) -> dict[str, str] | None:
    """Return the key of the execution that runs in an ipykernel's shell, or None elsewhere."""
    kernel_id = kernel_id_of(shell)
    if kernel_id is None:
        return None
    try:
        return {"kernel_id": kernel_id, "msg_id": shell.parent_header["header"]["msg_id"]}
    except (AttributeError, LookupError):
        # No request has come yet, or none to this thread; ipykernel's versions say so differently.
        return None
