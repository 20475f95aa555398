"""Reading sealed streams range by range."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.content.codec import seal
from jupyter_session_export.restoring.material import Streams


class Reader:
    """Has the content of one stream, in small pieces."""

    def __init__(self, content: bytes) -> None:
        self.sealed, self._kept = seal(content)

    def open(self, _: Any) -> Any:
        kept = bytes(self._kept)
        return (kept[at : at + 3] for at in range(0, len(kept), 3))


@given(st.binary(max_size=200), st.lists(st.integers(0, 220), max_size=8))
def test_ranges_are_read_in_their_order(content: bytes, bounds: list[int]) -> None:
    """With gaps, where outputs were cleared, and beyond the end, where a crash cut it."""
    reader: Any = Reader(content)
    streams = Streams(reader, {"stdout.txt": reader.sealed})
    ordered = sorted(bounds)
    for start, end in zip(ordered[::2], ordered[1::2], strict=False):
        assert b"".join(streams.read("stdout.txt", start, end)) == content[start:end]
    assert b"".join(streams.read("stderr.txt", 0, 5)) == b""
