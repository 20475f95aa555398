"""`cleanup_old_sessions`, for Python code."""

from __future__ import annotations

from pathlib import Path

from ..client.access import Access
from ..errors import NoRecordingServer, ServerUnreachable
from ..settings import load_settings
from ..store.catalog import Catalog
from ..upkeep.cleaner import Cleaner
from ..upkeep.configured import rules_of
from ..upkeep.report import Report


def cleanup_old_sessions(
    max_age_hours: float | None = None,
    *,
    dry_run: bool = False,
    data_dir: str | Path | None = None,
) -> Report:
    """Remove the account's sessions that were last active so many hours ago, or before.

    Without an age the settings' rules apply, as they do every hour on a server. What
    is recorded, paused or exported by a live process stays. The report lists what was
    `removed`, `ended`, left because it is `in_use`, and `failed`; with `dry_run`
    nothing is changed. `data_dir` is by default the one of this kernel's server, else
    that of the settings. Raises a SessionExportError.
    """
    settings = load_settings()
    folder = Path(data_dir) if data_dir is not None else _own_data_dir()
    catalog = Catalog((folder or Path(settings.data_dir)).expanduser())
    return Cleaner(catalog, rules_of(settings, max_age_hours)).run(dry_run=dry_run)


def _own_data_dir() -> Path | None:
    try:
        files = Access.of_kernel().files
    except (NoRecordingServer, ServerUnreachable):
        return None
    # <data_dir>/sessions/<id>/outputs
    return Path(files).parents[2] if files else None
