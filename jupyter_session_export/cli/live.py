"""The server that holds a session, if one does."""

from __future__ import annotations

from ..client.access import Access
from ..client.client import SessionExportClient
from ..records.session import Session
from ..store.catalog import Catalog


def live_client(
    catalog: Catalog, session: Session, *, to_restore: bool = False
) -> SessionExportClient | None:
    """Return a client of the server that writes the session now; None where none does.

    One `to_restore` may have outputs restored that are of the owner's other sessions.
    """
    access = catalog.live_access(session.id, to_restore=to_restore)
    try:
        return None if access is None else SessionExportClient(Access.from_json(access))
    except (KeyError, TypeError):
        # What holds it is no server of this version; its record can be read all the same.
        return None
