"""`jupyter session-export export`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from ..client.delivery import Delivered, deliver
from ..client.destination import Destination
from ..client.job import Progress, Request
from ..client.wording import result_text
from ..exports.direct import export_to_file
from ..exports.job import archive_filename
from ..exports.progress import Progress as DirectProgress
from ..exports.request import ExportRequest
from ..records.session import Session
from ..records.times import now
from ..settings import load_settings
from ..store.catalog import Catalog
from .live import live_client
from .screen import ProgressLine, Screen


def write_export(catalog: Catalog, session: Session, arguments: Namespace, screen: Screen) -> int:
    """Write the session's ZIP, by its server where one holds it, and say what is in it."""
    destination = Destination.parse(arguments.path, Path.cwd())
    request = _request(arguments)
    with ProgressLine(screen) as progress:
        client = live_client(catalog, session)
        if client is None:
            delivered = _direct(catalog, session, request, destination, progress)
        else:
            with client:
                delivered = deliver(client, request, destination, progress.report)
    _tell(session, delivered, screen)
    return 0


def _request(arguments: Namespace) -> Request:
    notebook = arguments.notebook
    return Request(
        scope="session" if notebook is None else "notebook",
        path=notebook,
        include=None if arguments.include is None else _listed(arguments.include),
        compression=arguments.compression,
    )


def _listed(text: str) -> Sequence[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _direct(
    catalog: Catalog,
    session: Session,
    request: Request,
    destination: Destination,
    line: ProgressLine,
) -> Delivered:
    """Export from the record itself, as no server holds it."""
    checked = ExportRequest.parse(request.to_json(), compression=load_settings().compression)
    progress = DirectProgress()
    result = export_to_file(
        catalog,
        session.id,
        destination.free_path(archive_filename(now())),
        scope=checked.scope,
        path=checked.path,
        include=checked.include,
        compression=checked.compression,
        progress=progress,
        check=lambda: line.report(Progress.from_json(progress.to_json())),
    )
    return Delivered.inspect(result.path, result.left_out)


def _tell(session: Session, delivered: Delivered, screen: Screen) -> None:
    if screen.json:
        screen.document({"session_id": session.id, **delivered.to_json()})
    else:
        screen.line(str(delivered.path))
        screen.note(result_text(delivered))
