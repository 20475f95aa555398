"""`export_session`, for Python code that runs in a kernel."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from .order import Order


def export_session(
    path: str | os.PathLike[str] | None = None,
    *,
    notebook: bool = False,
    include: str | Sequence[str] | None = None,
    compression: str | None = None,
    session: str | None = None,
    tools: bool = False,
) -> Path:
    """Write this session's ZIP and return its path.

    `path` is a folder or the name of a `.zip` file, by default the notebook's folder;
    nothing is overwritten, the ZIP gets a number then. `notebook`: only this notebook.
    `include` lists sections of the ZIP, `compression` is "fast" or "maximum", `session`
    is the id of another session, with `tools` what tools executed is in it, too. Raises a
    SessionExportError.
    """
    order = Order(
        path=path,
        notebook=notebook,
        include=include,
        compression=compression,
        session=session,
        tools=tools,
    )
    return order.carry_out(lambda progress: None).path
