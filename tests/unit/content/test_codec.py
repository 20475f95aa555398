"""Content is hashed and compressed once, and comes back the same."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.content.codec import (
    BLOCK_BYTES,
    blocks_of,
    seal,
    seal_chunks,
    unseal,
)
from jupyter_session_export.content.deflating import Deflating, Fast, Maximum, deflating
from jupyter_session_export.errors import InvalidRequest, StoreDamaged
from jupyter_session_export.records.content import DEFLATED, STORED, Sealed

CONTENT = st.binary(max_size=5000) | st.integers(0, 400_000).map(lambda n: b"abcd" * n)
WAYS = [Maximum(), Fast()]


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def right(sealed: Sealed, data: bytes, kept: bytes) -> bool:
    return (
        sealed.sha256 == hashlib.sha256(data).hexdigest()
        and sealed.crc32 == zlib.crc32(data)
        and (sealed.size, sealed.stored_size) == (len(data), len(kept))
        and b"".join(unseal(sealed, in_pieces(kept, 777))) == data
    )


@settings(deadline=None)
@given(CONTENT, st.sampled_from(WAYS))
def test_sealed_content_comes_back(data: bytes, how: Deflating) -> None:
    """With its hash, CRC and sizes; never larger than it was."""
    sealed, kept = seal(data, how)
    assert right(sealed, data, bytes(kept))
    assert sealed.stored_size <= sealed.size


@settings(deadline=None)
@given(st.lists(CONTENT, max_size=5), st.booleans(), st.sampled_from(WAYS))
def test_chunks_are_sealed_as_one(chunks: list[bytes], deflated: bool, how: Deflating) -> None:
    """However the content was cut into chunks."""
    kept: list[bytes] = []
    sealed = seal_chunks(chunks, kept.append, deflated=deflated, how=how)
    assert right(sealed, b"".join(chunks), b"".join(kept))
    assert sealed.method == (DEFLATED if deflated else STORED)


@given(st.lists(st.binary(max_size=100), max_size=20), st.integers(1, 50))
def test_blocks_are_the_same_bytes(chunks: list[bytes], size: int) -> None:
    """All of one size but the last."""
    blocks = list(blocks_of(chunks, size))
    assert b"".join(blocks) == b"".join(chunks)
    assert all(len(block) == size for block in blocks[:-1])
    assert all(blocks)


@pytest.mark.parametrize("how", WAYS, ids=["maximum", "fast"])
def test_blocks_are_primed_with_what_was_before(how: Deflating) -> None:
    """Cut into blocks, a stream is hardly larger than in one piece."""
    line = random.Random(1).randbytes(20_000).hex().encode()  # noqa: S311 - the same each time
    data = line * (3 * BLOCK_BYTES // len(line))
    kept: list[bytes] = []
    sealed = seal_chunks(in_pieces(data, 10_000), kept.append, deflated=True, how=how)
    whole = zlib.compressobj(9, zlib.DEFLATED, -15)
    assert sealed.stored_size < 1.3 * len(whole.compress(data) + whole.flush()) + 100_000


def test_maximum_is_no_larger_than_zlib_9() -> None:
    """Whole and in blocks, over what sessions are made of; no kind is much larger either."""
    whole = blocks = zlib_9 = 0
    for kind in ("csv", "log", "json", "notebook"):
        data = sample(kind)
        most = len(zlib.compress(data, 9))
        sealed = seal(data)[0], seal_chunks([data], lambda _: None, deflated=True)
        assert all(each.stored_size <= most * 1.02 for each in sealed)
        whole += sealed[0].stored_size
        blocks += sealed[1].stored_size
        zlib_9 += most
    assert whole <= zlib_9
    assert blocks <= zlib_9


@pytest.mark.parametrize("how", WAYS, ids=["maximum", "fast"])
def test_the_same_content_gives_the_same_bytes(how: Deflating) -> None:
    """An export that is made again is the same to the byte."""
    data = sample("csv")
    assert len({bytes(seal(data, how)[1]) for _ in range(3)}) == 1
    streams = set()
    for _ in range(3):
        kept: list[bytes] = []
        seal_chunks([data], kept.append, deflated=True, how=how)
        streams.add(b"".join(kept))
    assert len(streams) == 1


def test_what_does_not_shrink_is_stored() -> None:
    """Media is kept as it is."""
    data = os.urandom(500_000)
    sealed, kept = seal(data)
    assert (sealed.method, kept) == (STORED, data)


@pytest.mark.parametrize("harm", ["flip", "cut", "swap"])
@pytest.mark.parametrize("data", [b"text " * 10_000, os.urandom(10_000)], ids=["text", "media"])
def test_damage_is_noticed(data: bytes, harm: str) -> None:
    """Wrong bytes are an error, never wrong content."""
    sealed, kept = seal(data)
    damaged = bytearray(kept)
    if harm == "flip":
        damaged[len(damaged) // 2] ^= 1
    elif harm == "cut":
        del damaged[-5:]
    else:
        sealed = sealed._replace(crc32=sealed.crc32 ^ 1)
    with pytest.raises(StoreDamaged):
        b"".join(unseal(sealed, [bytes(damaged)]))


def test_an_unknown_compression_is_refused() -> None:
    """Only the words of the contract are known."""
    with pytest.raises(InvalidRequest):
        deflating("zstd")


def sample(kind: str) -> bytes:
    turns = random.Random(kind)  # noqa: S311 - the same each time
    words = [turns.randbytes(3).hex() for _ in range(2000)]
    lines = {
        "csv": lambda n: f"{n},{turns.gauss(20, 5):.3f},{turns.choice(words)},{n % 7}",
        "log": lambda n: f"2026-01-31 12:{n % 60:02} INFO {' '.join(turns.choices(words, k=8))}",
        "notebook": lambda _: f'"image/png": "{base64.b64encode(turns.randbytes(60)).decode()}"',
        "json": lambda n: f'{{"id": {n}, "name": "{turns.choice(words)}", "ok": true}}',
    }
    return "\n".join(lines[kind](n) for n in range(50_000)).encode()
