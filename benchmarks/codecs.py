"""What could deflate, on each kind of content: why our codecs are what they are."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator

import deflate
from isal import isal_zlib
from zlib_ng import zlib_ng

from .bench import Bench
from .kinds import MIB, content
from .samples import median
from .table import Result

NAME = "codecs"
KINDS = ("log", "jsonl", "csv", "ipynb")
SAMPLE_BYTES = 3 * MIB
ROUNDS = 3
Codec = Callable[[bytes], "bytes | bytearray"]


def _stream(module: object, level: int) -> Codec:
    def pack(raw: bytes) -> bytes:
        packer = module.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)  # type: ignore[attr-defined]
        packed: bytes = packer.compress(raw) + packer.flush()
        return packed

    return pack


def _whole(level: int) -> Codec:
    return lambda raw: deflate.deflate_compress(raw, level)


CODECS: dict[str, Codec] = {
    "zlib 6": _stream(zlib, 6),
    "zlib 9": _stream(zlib, 9),
    "libdeflate 6": _whole(6),
    "libdeflate 7": _whole(7),
    "libdeflate 9": _whole(9),
    "libdeflate 12": _whole(12),
    "zlib-ng 7": _stream(zlib_ng, 7),
    "zlib-ng 9": _stream(zlib_ng, 9),
    "isal 1": _stream(isal_zlib, 1),
    "isal 3": _stream(isal_zlib, 3),
}
REFERENCE = "zlib 9"


def run(bench: Bench) -> Iterator[Result]:
    """Pack samples of each kind with each codec, one thread."""
    size = min(SAMPLE_BYTES, max(MIB // 4, int(SAMPLE_BYTES * bench.scale)))
    samples = {kind: content(kind, size, f"codecs-{kind}") for kind in KINDS}
    reference = {kind: len(CODECS[REFERENCE](raw)) for kind, raw in samples.items()}
    for name, codec in CODECS.items():
        seconds, sizes = 0.0, {}
        for kind, raw in samples.items():
            taken, sizes[kind] = _measure(codec, raw)
            seconds += taken
        rate = sum(map(len, samples.values())) / seconds / 1e6
        share = sum(sizes.values()) / sum(reference.values())
        each = ", ".join(f"{kind} {sizes[kind] / reference[kind]:.3f}" for kind in KINDS)
        note = f"size {share:.3f} of zlib 9's ({each})"
        yield Result(NAME, name, rate, "MB/s", note=note)


def _measure(codec: Codec, raw: bytes) -> tuple[float, int]:
    """Return the median seconds and the size."""
    taken, size = [], 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        size = len(codec(raw))
        taken.append(time.perf_counter() - began)
    return median(taken), size
