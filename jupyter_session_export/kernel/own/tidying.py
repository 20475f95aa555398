"""Clean-up where no server may ever run: once a day, one of the account's kernels does it."""

from __future__ import annotations

import logging
import threading
import time

from ...errors import SessionExportError
from ...settings import SessionExport
from ...store.catalog import Catalog
from ...upkeep.cleaner import Cleaner
from ...upkeep.configured import rules_of
from ...upkeep.policy import Fate, Rules

DAY = 86400.0
STAMP = "cleaned_at"
"""A file of the data folder; when it was touched is when the last kernel cleaned up."""


def tidy_daily(catalog: Catalog, settings: SessionExport, log: logging.Logger) -> Cleaner | None:
    """Begin the clean-up in a thread of its own, if it is due; return it, to be stopped at an exit.

    What that cuts off is for the next one. Raises OSError.
    """
    stamp = catalog.data_dir / STAMP
    if stamp.exists() and time.time() - stamp.stat().st_mtime < DAY:
        return None
    stamp.touch(mode=0o600)
    cleaner = Cleaner(catalog, rules_of(settings))
    threading.Thread(
        target=_tidy, args=(cleaner, log), name="session-export-tidying", daemon=True
    ).start()
    return cleaner


def clean_up(catalog: Catalog, settings: SessionExport) -> None:
    """Remove what may go, now. Raises SessionExportError."""
    Cleaner(catalog, rules_of(settings)).run()


def remove_guest(catalog: Catalog, session_id: str) -> None:
    """Remove the session of a guest, which has ended. Raises StoreError."""
    reason = Fate("remove", "the session of a guest has ended")
    Cleaner(catalog, Rules()).remove(session_id, reason)


def _tidy(cleaner: Cleaner, log: logging.Logger) -> None:
    try:
        cleaner.run()
    # Its workers can't be started (RuntimeError) where the kernel ends right now.
    except (SessionExportError, RuntimeError) as error:
        log.info("Old sessions could not be cleaned up: %s", error)
