"""An export as asked for in a kernel, by the magic or by code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..client.access import Access
from ..client.client import SessionExportClient
from ..client.delivery import Delivered, deliver
from ..client.destination import Destination
from ..client.job import Progress, Request
from .origin import home_folder, notebook_path

READINGS = "jupyter_session_export.kernel.readings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to export and where to; the defaults are this session and the notebook's folder."""

    path: str | os.PathLike[str] | None = None
    session: str | None = None
    notebook: bool = False
    include: str | Sequence[str] | None = None
    compression: str | None = None
    tools: bool = False
    asked_by: Mapping[str, str] | None = None

    def carry_out(self, report: Callable[[Progress], object]) -> Delivered:
        """Ask the server and write the ZIP. Raises SessionExportError."""
        access = Access.of_kernel()
        _flush_readings()
        destination = Destination.parse(self.path, home_folder())
        with SessionExportClient(access) as client:
            return deliver(client, self._request(), destination, report)

    def _request(self) -> Request:
        return Request(
            scope="notebook" if self.notebook else "session",
            path=notebook_path() if self.notebook else None,
            include=_sections(self.include),
            compression=self.compression,
            tools=self.tools,
            session_id=self.session,
            asked_by=self.asked_by,
        )


def _flush_readings() -> None:
    """Have the export hold what this cell read so far; only where something was read."""
    module = sys.modules.get(READINGS)
    if module is not None:
        module.flush_readings()


def _sections(include: str | Sequence[str] | None) -> Sequence[str] | None:
    if isinstance(include, str):
        return [name.strip() for name in include.split(",") if name.strip()]
    return include
