"""Which buffers share memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.sessions.state.inside.memory import (
    LARGE,
    allocated,
    enlarge_pages,
    laid_out,
)

SIZE = 64
SLICES = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(sorted)


@given(st.lists(st.lists(SLICES, max_size=6), max_size=4))
def test_views_find_their_bytes_and_their_neighbours(wanted: list[list[list[int]]]) -> None:
    """Each buffer is found at its place, and two share bytes exactly where they did before."""
    owners = [bytearray(range(SIZE)) for _ in wanted]
    spans = [(owner, *span) for owner, each in enumerate(wanted) for span in each]
    layout = laid_out([memoryview(owners[owner])[start:end] for owner, start, end in spans])
    copies = [bytearray(b"".join(parts)) for parts in layout.regions]
    views = [
        memoryview(copies[place.region])[place.offset :][: place.size] for place in layout.places
    ]
    for (owner, start, end), view in zip(spans, views, strict=True):
        assert view == owners[owner][start:end]
    for (owner, start, end), view in zip(spans, views, strict=True):
        for byte in range(start, end):
            view[byte - start] = 255
            for (its, first, last), other in zip(spans, views, strict=True):
                if its == owner and first <= byte < last:
                    assert other[byte - first] == 255
            view[byte - start] = byte
    assert sum(layout.sizes) <= SIZE * len(wanted)


def test_read_only_buffers_have_an_address_too() -> None:
    """Bytes can't be asked for theirs by ctypes' own means."""
    content = bytes(range(SIZE))
    layout = laid_out([memoryview(content)[8:], memoryview(content)])
    assert [place.offset for place in layout.places] == [8, 0]
    assert layout.sizes == [SIZE]


def test_memory_is_zero_and_writable() -> None:
    """Small or large."""
    for size in (0, 10, LARGE):
        memory = allocated(size)
        assert memory.nbytes == size
        assert not any(memory[:: max(1, size // 10)])
        assert not memory.readonly
        memory[:1] = b"x"[:size]
        enlarge_pages(memory)
        assert memory[:1] == b"x"[:size]
