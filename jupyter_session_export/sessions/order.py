"""What a run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from .gathering import MOST_BYTES
from .transfers import Downloads, Uploads

TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Files and packages first, then the code, then other files.

    `timeout` is the code's; None is without end. Without `store_history` it is a tool's code:
    recorded, but in no export. Of its output `most_bytes` are in the result.
    """

    code: str
    timeout: float | None = TIMEOUT_SECONDS
    files: Uploads = ()
    packages: tuple[str, ...] = ()
    download_files: Downloads = ()
    store_history: bool = True
    most_bytes: int = MOST_BYTES
