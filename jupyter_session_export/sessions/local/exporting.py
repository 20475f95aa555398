"""A session's ZIP straight from its record, without a server."""

from __future__ import annotations

from collections.abc import Callable

from ...client.delivery import Delivered
from ...client.destination import Destination, PartialFile
from ...client.job import Progress, Request
from ...exports.direct import export_to_file
from ...exports.job import archive_filename
from ...exports.progress import Progress as ExportProgress
from ...exports.request import ExportRequest
from ...records.times import now
from ...settings import SessionExport
from ...store.catalog import Catalog


def export_directly(
    catalog: Catalog,
    session_id: str,
    request: Request,
    destination: Destination,
    *,
    settings: SessionExport,
    report: Callable[[Progress], object],
) -> Delivered:
    """Write the ZIP and say what is in it; what stops it leaves no file.

    Raises DestinationUnwritable, InvalidRequest, SessionNotFound or another StoreError.
    """

    def tell(progress: ExportProgress) -> None:
        report(Progress.from_json(progress.to_json()))

    checked = ExportRequest.parse(request.to_json(), compression=settings.compression)
    partial = PartialFile(destination)
    try:
        result = export_to_file(
            catalog,
            session_id,
            partial.path,
            checked,
            settings=settings,
            progress=tell,
        )
        path = partial.keep(archive_filename(now()))
    finally:
        partial.discard()
    return Delivered.inspect(path, result.left_out)
