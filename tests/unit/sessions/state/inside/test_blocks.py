"""Files in blocks with hashes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.sessions.state.inside import blocks
from jupyter_session_export.sessions.state.inside.blocks import (
    Altered,
    CheckedReader,
    hashed,
    in_blocks,
    read_blocks,
    write_blocks,
)

CONTENT = bytes(range(250)) * 3


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BYTES", 100)


def parts_of(content: bytes, size: int) -> list[memoryview]:
    return [memoryview(content)[at : at + size] for at in range(0, len(content), size)]


@given(st.lists(st.integers(0, 300), max_size=8))
def test_blocks_cut_parts_anywhere(sizes: list[int]) -> None:
    """All blocks but the last are full, and together they are what came in."""
    parts = [memoryview(bytes([number % 256]) * size) for number, size in enumerate(sizes)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BYTES", 100)
        cut = [b"".join(block) for block in in_blocks(parts)]
    assert b"".join(cut) == b"".join(parts)
    assert all(len(block) == 100 for block in cut[:-1])
    assert all(cut)


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_what_was_written_is_read(tmp_path: Path, size: int) -> None:
    """Whatever the parts are that it is written from and read into; and it is private."""
    path = tmp_path / "file"
    digests = write_blocks(path, parts_of(CONTENT, size))
    assert path.read_bytes() == CONTENT
    assert path.stat().st_mode & 0o777 == 0o600
    assert hashed(path) == digests
    memory = bytearray(len(CONTENT))
    read_blocks(path, [memoryview(memory)[:33], memoryview(memory)[33:]], digests)
    assert memory == CONTENT
    with CheckedReader(path, digests) as raw:
        file = io.BufferedReader(raw, 64)
        assert file.read(10) == CONTENT[:10]
        file.seek(431)
        assert file.read() == CONTENT[431:]


def test_nothing_is_written_as_an_empty_file(tmp_path: Path) -> None:
    """A namespace without arrays has one."""
    path = tmp_path / "file"
    assert write_blocks(path, []) == hashed(path) == []
    read_blocks(path, [], [])


@pytest.mark.parametrize("change", ["flip", "shorter", "longer"])
def test_a_change_is_noticed(tmp_path: Path, change: str) -> None:
    """Each single byte counts, and so does the length."""
    path = tmp_path / "file"
    digests = write_blocks(path, [memoryview(CONTENT)])
    altered = bytearray(CONTENT)
    altered[500] ^= 1
    path.write_bytes({"flip": altered, "shorter": CONTENT[:-1], "longer": CONTENT + b"x"}[change])
    assert hashed(path) != digests
    with pytest.raises(Altered):
        read_blocks(path, [memoryview(bytearray(len(CONTENT)))], digests)
    if change != "longer":
        with pytest.raises(Altered), CheckedReader(path, digests) as raw:
            io.BufferedReader(raw, 64).read()


def test_no_file_is_written_over(tmp_path: Path) -> None:
    """Nor is a link followed."""
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for name in ("link", "there"):
        (tmp_path / "there").touch()
        with pytest.raises(FileExistsError):
            write_blocks(tmp_path / name, [memoryview(b"x")])
    assert not (tmp_path / "target").exists()
