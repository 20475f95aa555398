"""`jupyter session-export export`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..client.delivery import Delivered, deliver
from ..client.destination import Destination
from ..client.job import Request
from ..client.wording import result_text
from ..records.session import Session
from ..sessions.local.exporting import export_directly
from ..settings import SessionExport
from ..store.catalog import Catalog
from ..upkeep.recovery import recover
from .live import live_client
from .screen import ProgressLine, Screen


@dataclass(frozen=True, slots=True)
class Recorded:
    """A session, and where and by which settings it is kept."""

    catalog: Catalog
    session: Session
    settings: SessionExport


def write_export(recorded: Recorded, arguments: Namespace, screen: Screen) -> int:
    """Write the session's ZIP, by its server where one holds it, and say what is in it."""
    destination = Destination.parse(arguments.path, Path.cwd())
    request = _request(arguments, recorded.session.root)
    with ProgressLine(screen) as progress:
        client = live_client(recorded.catalog, recorded.session)
        if client is None:
            delivered = _direct(recorded, request, destination, progress)
        else:
            with client:
                delivered = deliver(client, request, destination, progress.report)
    _tell(recorded.session, delivered, screen)
    return 0


def _request(arguments: Namespace, root: str) -> Request:
    notebook = arguments.notebook
    return Request(
        scope="session" if notebook is None else "notebook",
        path=None if notebook is None else _notebook(notebook, root),
        include=None if arguments.include is None else _listed(arguments.include),
        compression=arguments.compression,
        tools=arguments.tools,
    )


def _notebook(path: str, root: str) -> str:
    """Take it as a path from here if that leads to a file of the session, else from its root."""
    try:
        file = Path(path).expanduser().resolve()
        return str(file) if root and file.is_file() and file.is_relative_to(root) else path
    except (OSError, RuntimeError, ValueError):
        # No path of this machine (`~nobody`, too long a name); the export says if it is unknown.
        return path


def _listed(text: str) -> Sequence[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _direct(
    recorded: Recorded, request: Request, destination: Destination, line: ProgressLine
) -> Delivered:
    """Export from the record itself, as no server holds it."""
    recover(recorded.catalog, recorded.session.id)
    return export_directly(
        recorded.catalog,
        recorded.session.id,
        request,
        destination,
        settings=recorded.settings,
        report=line.report,
    )


def _tell(session: Session, delivered: Delivered, screen: Screen) -> None:
    if screen.json:
        screen.document({"session_id": session.id, **delivered.to_json()})
    else:
        screen.line(str(delivered.path))
        screen.note(result_text(delivered))
