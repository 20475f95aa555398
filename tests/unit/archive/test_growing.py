"""Text that is sealed while it grows."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.archive import growing
from jupyter_session_export.archive.growing import LINES_PER_BLOCK, Growing
from jupyter_session_export.content.codec import unseal

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)


@given(TEXT, st.lists(TEXT, max_size=40), TEXT, st.integers(1, 9))
def test_what_grew_is_all_there(begin: str, lines: list[str], end: str, per_block: int) -> None:
    """Whatever the blocks are: the bytes, their hash, their CRC and their sizes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "LINES_PER_BLOCK", per_block)
        text = Growing(begin)
        for line in lines:
            text.add(line)
        sealed, kept = text.grown(end)
    raw = "".join([begin, *lines, end]).encode()
    assert b"".join(unseal(sealed, kept)) == raw
    assert sealed.sha256 == hashlib.sha256(raw).hexdigest()
    assert (sealed.size, sealed.crc32) == (len(raw), zlib.crc32(raw))
    assert sealed.stored_size == sum(map(len, kept))


def test_what_comes_after_the_end_is_not_in() -> None:
    """What is sealed stays as it is, however many lines come later."""
    text = Growing("begin\n")
    grown = text.grown("end\n")
    for _ in range(2 * LINES_PER_BLOCK):
        text.add("late\n")
    assert text.grown("another end") == grown
    assert b"".join(unseal(*grown)) == b"begin\nend\n"
    assert sum(map(len, grown.kept)) == grown.sealed.stored_size
