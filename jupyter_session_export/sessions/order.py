"""What a run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from .transfers import Downloads, Uploads

TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Files first, then the code, then other files. `timeout` is the code's; None is without end.

    Without `store_history` the code is a tool's: it is recorded, but in no export.
    """

    code: str
    timeout: float | None = TIMEOUT_SECONDS
    files: Uploads = ()
    download_files: Downloads = ()
    store_history: bool = True
