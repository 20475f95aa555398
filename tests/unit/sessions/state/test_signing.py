"""The store's key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreDamaged, StoreUnavailable
from jupyter_session_export.sessions.state import StoreKey
from jupyter_session_export.sessions.state.signing import NAME


def test_a_signature_lasts(tmp_path: Path) -> None:
    """Another process finds the same key; another store has another one."""
    signature = StoreKey(tmp_path).sign(b"content")
    assert StoreKey(tmp_path).signed(b"content", signature)
    assert not StoreKey(tmp_path).signed(b"other", signature)
    (tmp_path / "other").mkdir()
    assert not StoreKey(tmp_path / "other").signed(b"content", signature)


def test_the_key_is_private(tmp_path: Path) -> None:
    """And nothing else is left."""
    StoreKey(tmp_path).sign(b"")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_makers_at_the_same_time_agree(tmp_path: Path) -> None:
    """Whoever is second takes the key of the first."""
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: StoreKey(tmp_path).sign(b"x"), range(32)))) == 1


def test_a_key_that_is_damaged_signs_nothing(tmp_path: Path) -> None:
    """An empty one would be everybody's."""
    (tmp_path / NAME).touch()
    with pytest.raises(StoreDamaged):
        StoreKey(tmp_path).sign(b"x")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """It could lead to a file whose content somebody knows."""
    (tmp_path / "known").write_bytes(b"k" * 32)
    (tmp_path / NAME).symlink_to(tmp_path / "known")
    with pytest.raises(StoreUnavailable):
        StoreKey(tmp_path).sign(b"x")
