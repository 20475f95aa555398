"""Save what a writer that crashed has left of a session, before somebody reads it."""

from __future__ import annotations

import logging

from ..errors import SessionInUse, SessionLeased
from ..recording.recorder import Recorder
from ..store.catalog import Catalog

_log = logging.getLogger(__name__)


def recover(catalog: Catalog, session_id: str) -> bool:
    """Seal what lies in the spool of a session that nobody writes; tell whether there was any.

    Raises SessionNotFound or another StoreError. What is in use is left alone.
    """
    try:
        with catalog.custody(session_id) as custody:
            if not custody.was_cut_off:
                return False
        record = catalog.recover(session_id)
    except (SessionInUse, SessionLeased):
        return False
    if record is None:
        return False
    recorder = Recorder(_log, listens=False)
    recorder.start()
    recorder.attach_session(record)
    recorder.close()
    return True
