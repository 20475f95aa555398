"""The server that holds a session, if one does."""

from __future__ import annotations

from ..client.access import Access
from ..client.client import SessionExportClient
from ..records.session import Session
from ..store.catalog import Catalog


def live_client(catalog: Catalog, session: Session) -> SessionExportClient | None:
    """Return a client of the server that writes the session now; None where none does."""
    access = catalog.live_access(session.id)
    try:
        return None if access is None else SessionExportClient(Access.from_json(access))
    except (KeyError, TypeError):
        # What holds it is no server of this version; its record can be read all the same.
        return None
