from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.server.uploading import Incoming


def test_a_file_without_a_place_is_refused_with_a_code(tmp_path: Path) -> None:
    """As where there is no data folder, or nobody may write into it."""
    with pytest.raises(StoreUnavailable):
        Incoming(tmp_path / "missing")
