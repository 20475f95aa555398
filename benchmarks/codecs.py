"""What could deflate, on each kind of content: why our codecs are what they are."""

from __future__ import annotations

import sysconfig
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import deflate
from isal import isal_zlib
from zlib_ng import zlib_ng

from .bench import Bench
from .kinds import MIB, content
from .peers import node_zlib
from .samples import median
from .table import Result

NAME = "codecs"
KINDS = ("log", "jsonl", "csv", "ipynb")
SOURCE = "py"
"""Python's own library, as a kind that was not made for a benchmark."""
SAMPLE_BYTES = 3 * MIB
ROUNDS = 3
REFERENCE = "node's zlib 9, as in archiver"
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
    "zlib 9": _stream(zlib, 9),
    "libdeflate 6": _whole(6),
    "libdeflate 7": _whole(7),
    "libdeflate 8": _whole(8),
    "libdeflate 9": _whole(9),
    "libdeflate 12": _whole(12),
    "zlib-ng 7": _stream(zlib_ng, 7),
    "zlib-ng 8": _stream(zlib_ng, 8),
    "zlib-ng 9": _stream(zlib_ng, 9),
    "isal 1": _stream(isal_zlib, 1),
    "isal 3": _stream(isal_zlib, 3),
}


def run(bench: Bench) -> Iterator[Result]:
    """Pack samples of each kind with each codec, one thread."""
    size = min(SAMPLE_BYTES, max(MIB // 4, int(SAMPLE_BYTES * bench.scale)))
    samples = {kind: content(kind, size, f"codecs-{kind}") for kind in KINDS}
    samples[SOURCE] = _source(size)
    reference = _by_node(samples, bench.folder(NAME))
    yield _result(REFERENCE, samples, reference, reference)
    for name, codec in CODECS.items():
        packed = {kind: _measure(codec, raw) for kind, raw in samples.items()}
        yield _result(name, samples, packed, reference)


Packed = dict[str, tuple[float, int]]
"""Of each kind the seconds and the size."""


def _result(name: str, samples: dict[str, bytes], packed: Packed, reference: Packed) -> Result:
    rate = sum(map(len, samples.values())) / sum(seconds for seconds, _ in packed.values()) / 1e6
    each = ", ".join(
        f"{kind} {size / reference[kind][1]:.3f} at {len(samples[kind]) / seconds / 1e6:.0f}"
        for kind, (seconds, size) in packed.items()
    )
    return Result(NAME, name, rate, "MB/s", note=f"of node's size, at MB/s: {each}")


def _by_node(samples: dict[str, bytes], folder: Path) -> Packed:
    packed = {}
    for kind, raw in samples.items():
        file = folder / kind
        file.write_bytes(raw)
        packed[kind] = node_zlib.deflate(file)
    return packed


def _source(size: int) -> bytes:
    parts, held = [], 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        parts.append(path.read_bytes())
        held += len(parts[-1])
        if held >= size:
            break
    return b"".join(parts)[:size]


def _measure(codec: Codec, raw: bytes) -> tuple[float, int]:
    """Return the median seconds and the size."""
    taken, size = [], 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        size = len(codec(raw))
        taken.append(time.perf_counter() - began)
    return median(taken), size
