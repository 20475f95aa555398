"""Ways of deflating: whole and in blocks, each stream reads back."""

from __future__ import annotations

import base64
import zlib
from random import Random

import deflate
import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from jupyter_session_export.content.deflating import (
    FAST,
    MAXIMUM,
    PRIME_BYTES,
    Deflating,
    Storing,
    deflating,
)
from jupyter_session_export.errors import InvalidRequest

WAYS: list[Deflating] = [deflating(MAXIMUM), deflating(FAST), Storing()]
DRAW = Random(11)  # noqa: S311 - the same each time
TEXT = b"".join(b"%06d %s measured %d\n" % (n, b"abcd"[n % 3 :], n * n) for n in range(9000))
PICTURE = base64.encodebytes(DRAW.randbytes(90_000)).replace(b"\n", b"\\n")
BLANK_PICTURE = base64.encodebytes(bytes(range(64)) * 2000).replace(b"\n", b"\\n")
PIECES = [TEXT[:20_000], PICTURE, BLANK_PICTURE, b"x", b""]
contents = st.lists(st.sampled_from(PIECES), max_size=5).map(b"".join)


def inflated(packed: bytes | bytearray) -> bytes:
    """Return the content of one whole raw deflate stream; it must end with its last block."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = inflater.decompress(packed) + inflater.flush()
    assert inflater.eof
    assert not inflater.unused_data
    return content


@pytest.mark.parametrize("how", WAYS)
@given(content=contents)
def test_whole_content_reads_back(how: Deflating, content: bytes) -> None:
    """Text, pictures and both in any order come back to the byte."""
    assert inflated(how.whole(memoryview(content))) == content


@pytest.mark.parametrize("how", WAYS)
@given(content=contents, size=st.sampled_from([1000, 30_000, 100_000]))
def test_blocks_join_to_one_stream(how: Deflating, content: bytes, size: int) -> None:
    """Blocks primed with what went before them make one stream of the content."""
    packed, prime = b"", b""
    for at in range(0, len(content), size):
        raw = content[at : at + size]
        packed += how.block(raw, prime, last=False)
        prime = raw[-PRIME_BYTES:]
    assert inflated(packed + how.block(b"", b"", last=True)) == content


def test_pictures_in_text_cost_no_more_than_with_zlib() -> None:
    """A notebook with pictures is smaller than zlib's level 9 makes it."""
    content = (TEXT[:8000] + PICTURE) * 4
    assert len(deflating(MAXIMUM).whole(content)) < len(zlib.compress(content, 9))


def test_base64_of_what_repeats_is_matched() -> None:
    """Base64 of content that was never compressed is treated as the text it is."""
    content = TEXT[:8000] + BLANK_PICTURE * 3
    assert len(deflating(MAXIMUM).whole(content)) < 1.05 * len(zlib.compress(content, 9))


def test_fast_takes_the_faster_level_only_where_it_costs_little() -> None:
    """Content on which the levels differ much gets the smaller of the two."""
    lines = [
        b"%s connection %d closed by peer\n" % (DRAW.randbytes(3).hex().encode(), n % 7)
        for n in range(40_000)
    ]
    log = b"".join(lines)
    assert len(deflating(FAST).whole(log)) < 1.06 * _smallest_of_isal(log)


def _smallest_of_isal(content: bytes) -> int:
    return min(len(isal_zlib.compress(content, level, -15)) for level in (1, 2, 3))


def test_an_unknown_word_is_refused() -> None:
    """There are two ways to ask for."""
    with pytest.raises(InvalidRequest):
        deflating("best")


LARGE = 4 * 1024 * 1024
NUMBERS = b"".join(b"%d,%d\n" % (n, DRAW.randrange(10**6)) for n in range(330_000))
STATES = (b"idle", b"running", b"partition", b"signal")
RECORDS = b"".join(
    b'{"id": %d, "device": "berlin-%03d", "state": "%s", "next": "%s", "at": %.2f}\n'
    % (n, DRAW.randrange(50), DRAW.choice(STATES), DRAW.choice(STATES), DRAW.random() * 30)
    for n in range(60_000)
)


@pytest.mark.parametrize(
    ("content", "level"),
    [
        pytest.param(NUMBERS, 6, id="hardly smaller at the higher level"),
        pytest.param(RECORDS, 7, id="smaller at the higher level"),
        pytest.param(NUMBERS[: LARGE - 1], 7, id="too small for a try"),
    ],
)
def test_the_lower_level_is_taken_where_it_costs_little(content: bytes, level: int) -> None:
    """A sample of large content tells whether the higher level is worth its time."""
    assert len(deflating(MAXIMUM).whole(content)) == len(deflate.deflate_compress(content, level))
