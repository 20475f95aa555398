from __future__ import annotations

import logging
import os
import time
from datetime import timedelta
from pathlib import Path

from jupyter_session_export.kernel.own.tidying import DAY, STAMP, tidy_daily
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.settings import SessionExport
from jupyter_session_export.store.catalog import Catalog
from tests.waiting import wait_until

LOG = logging.getLogger(__name__)


def ended(catalog: Catalog) -> None:
    """Make a session whose retention is over."""
    record = catalog.open(SessionKey("ada", "", "a kernel"))
    record.end(now() - timedelta(days=40))
    record.close()


def test_old_sessions_go_once_a_day(tmp_path: Path) -> None:
    """Also where no server ever runs; every kernel asks, one a day cleans up."""
    catalog, settings = Catalog(tmp_path), SessionExport()
    ended(catalog)
    tidy_daily(catalog, settings, LOG)
    wait_until(lambda: not catalog.sessions())
    ended(catalog)
    tidy_daily(catalog, settings, LOG)
    assert len(catalog.sessions()) == 1
    yesterday = time.time() - DAY - 1
    os.utime(tmp_path / STAMP, (yesterday, yesterday))
    tidy_daily(catalog, settings, LOG)
    wait_until(lambda: not catalog.sessions())
