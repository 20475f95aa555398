"""Chunks of the size that servers and disks like best."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.archive.chunks import SMALL_BYTES, coalesced

SIZE = 16 * 1024


@given(st.lists(st.integers(0, 70_000).map(bytes), max_size=20))
def test_chunks_are_the_same_bytes_in_better_sizes(pieces: list[bytes]) -> None:
    """Nothing is lost, no chunk is much too large, and only the last may be small."""
    chunks = list(coalesced(pieces, SIZE))
    assert b"".join(chunks) == b"".join(pieces)
    assert all(len(chunk) <= SIZE + SMALL_BYTES for chunk in chunks)
    assert all(len(chunk) > SMALL_BYTES for chunk in chunks[:-1])


def test_a_chunk_of_the_right_size_is_not_copied() -> None:
    """What a store reads at a time goes out as it is."""
    chunk = bytes(SIZE)
    assert next(coalesced([chunk], SIZE)) is chunk
