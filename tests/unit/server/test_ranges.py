from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.errors import RangeNotSatisfiable
from jupyter_session_export.server.ranges import wanted_range

TAG = '"a-b"'


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, 100),
        ("bytes=-3", 97, 100),
        ("bytes=-500", 0, 100),
        ("bytes=99-1000", 99, 100),
        ("BYTES=1-1", 1, 2),
        ("bytes=0-" + "9" * 5000, 0, 100),
    ],
)
def test_a_range_is_read(text: str, start: int, end: int) -> None:
    """First to last, open at the end, or counted from there."""
    found = wanted_range({"Range": text}, 100, TAG)
    assert found is not None
    assert (found.start, found.end) == (start, end)
    assert found.content_range == f"bytes {start}-{end - 1}/100"


@pytest.mark.parametrize(
    "text", ["", "bytes=-", "bytes=9-5", "bytes=0-1,5-6", "lines=0-1", "bytes 0-1", "bytes=a-b"]
)
def test_what_is_no_single_range_gives_the_whole(text: str) -> None:
    """A server may ignore the header: RFC 9110, section 14.2."""
    assert wanted_range({"Range": text}, 100, TAG) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=-0", 100), ("bytes=0-0", 0),
     ("bytes=-5", 0), ("bytes=" + "9" * 5000 + "-", 100)],
)  # fmt: skip
def test_bytes_that_are_not_there_are_refused(text: str, size: int) -> None:
    """Nothing of it can be sent."""
    with pytest.raises(RangeNotSatisfiable):
        wanted_range({"Range": text}, size, TAG)


@pytest.mark.parametrize(
    ("validator", "same"),
    [
        (TAG, True),
        ('"other"', False),
        (f"W/{TAG}", False),
        ("Thu, 01 Jan 1970 00:16:40 GMT", True),
        ("Thu, 01 Jan 1970 00:16:41 GMT", False),
        ("yesterday", False),
    ],
)
def test_a_range_of_something_else_gives_the_whole(validator: str, same: bool) -> None:
    """If-Range compares strongly; a date must be the very one."""
    headers = {"Range": "bytes=1-", "If-Range": validator}
    assert (wanted_range(headers, 100, TAG, 1000.5) is not None) is same


@given(st.text(st.sampled_from("bytes=0123456789-, "), max_size=20), st.integers(0, 50))
def test_a_range_lies_within(text: str, size: int) -> None:
    """Whatever is asked for."""
    try:
        found = wanted_range({"Range": text}, size, TAG)
    except RangeNotSatisfiable:
        return
    assert found is None or 0 <= found.start < found.end <= size
