"""An export as asked for in a kernel, by the magic or by code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..client.access import Access
from ..client.client import SessionExportClient
from ..client.delivery import Delivered, deliver
from ..client.destination import Destination
from ..client.job import Progress, Request
from .origin import home_folder, notebook_path
from .own import own_recorder

if TYPE_CHECKING:
    from .own.recorder import OwnRecorder

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

    def carry_out(self, report: Callable[[Progress], None]) -> Delivered:
        """Ask the server, or this kernel's own recorder, and write the ZIP.

        Raises SessionExportError.
        """
        own = own_recorder()
        if own is not None:
            return self._carry_out_here(own, report)
        access = Access.of_kernel()
        _flush_readings()
        destination = Destination.parse(self.path, home_folder())
        with SessionExportClient(access) as client:
            return deliver(client, self._request(), destination, report)

    def _carry_out_here(self, own: OwnRecorder, report: Callable[[Progress], None]) -> Delivered:
        # Only who exports needs all that makes a ZIP.
        from .own.control import OwnControl  # noqa: PLC0415

        control = OwnControl(own)
        _flush_readings()
        destination = Destination.parse(self.path, home_folder())
        return control.export(self._request(own.writing().place.notebook), destination, report)

    def _request(self, notebook: str | None = None) -> Request:
        return Request(
            scope="notebook" if self.notebook else "session",
            path=(notebook or notebook_path()) if self.notebook else None,
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
