"""Content of the kinds that sessions hold: the same bytes from the same seed.

Text is cut from a pool of some MiB at seeded places. Deflate looks back 32 KiB
at most, so it cannot tell a pool that comes round from text that never repeats.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

MIB = 2**20
POOL_BYTES = 4 * MIB
SAMPLE_BYTES = 4096
"""Of a film: about 6 Mbit/s with pictures and sound."""
WORDS = (  # noqa: SIM905  # as a list of literals it would be a page long
    "accepted allocation batch cached checkpoint client commit compaction connection consumer "
    "cursor deadline decoded device drained elapsed epoch evicted exceeded expired failed fetched "
    "flush gradient handler humidity index ingest kernel latency layer lease loss manifest measure "
    "merged metric model offset optimizer partition payload pending pressure processed producer "
    "queue reading rebalanced received record refused replica request resolved response retry "
    "rotated sample scheduled sensor session shard signal skipped snapshot socket started step "
    "stream temperature tenant timeout token topic upstream validated voltage window worker wrote"
).split()
LEVELS = ("INFO", "INFO", "INFO", "INFO", "DEBUG", "DEBUG", "WARNING", "ERROR")
MESSAGES = 200
PLACES = ("berlin", "lagos", "lima", "osaka", "oslo", "perth", "quito", "toronto")


def _random(seed: str) -> Random:
    return Random(seed)  # noqa: S311  # a corpus must be the same each time


def _log_lines(draw: Random) -> Iterator[str]:
    messages = [_message(draw) for _ in range(MESSAGES)]
    at = 1_700_000_000.0
    while True:
        at += draw.expovariate(20)
        # A few messages are most of a log.
        name, words = messages[int(MESSAGES * draw.random() ** 3)]
        yield (
            f"{at:.3f} {draw.choice(LEVELS)} [{name}-{draw.randrange(32)}] {words} "
            f"id={draw.getrandbits(48):012x} took={draw.expovariate(0.02):.2f}ms\n"
        )


def _message(draw: Random) -> tuple[str, str]:
    return draw.choice(WORDS), " ".join(draw.choices(WORDS, k=draw.randint(4, 11)))


def _json_lines(draw: Random) -> Iterator[str]:
    number = 0
    while True:
        number += draw.randint(1, 3)
        yield (
            json.dumps(
                {
                    "id": number,
                    "device": f"{draw.choice(PLACES)}-{draw.randrange(400):03d}",
                    "at": f"2026-03-{draw.randint(1, 28):02d}T{draw.randrange(24):02d}:"
                    f"{draw.randrange(60):02d}:{draw.randrange(60):02d}Z",
                    "trace": f"{draw.getrandbits(96):024x}",
                    "temperature": round(draw.gauss(21, 4), 2),
                    "humidity": round(draw.uniform(20, 80), 1),
                    "state": draw.choice(WORDS),
                    "tags": draw.sample(WORDS, k=draw.randint(0, 3)),
                    "ok": draw.random() < 0.97,
                }
            )
            + "\n"
        )


def _csv_lines(draw: Random) -> Iterator[str]:
    row = 0
    while True:
        row += 1
        yield (
            f"{row},2026-03-{1 + row // 9000:02d},{draw.choice(PLACES)},{draw.randrange(500)},"
            f"{draw.gauss(100, 15):.3f},{draw.gauss(0, 1):.3f},{draw.choice(WORDS)},"
            f"{draw.choice(LEVELS)},{draw.randrange(2)}\n"
        )


LINES: dict[str, Callable[[Random], Iterator[str]]] = {
    "log": _log_lines,
    "jsonl": _json_lines,
    "csv": _csv_lines,
}


@dataclass(frozen=True, slots=True)
class _Pool:
    text: bytes
    starts: tuple[int, ...]


@cache
def _pool(kind: str) -> _Pool:
    lines: list[bytes] = []
    held = 0
    for line in LINES[kind](_random(kind)):
        lines.append(line.encode())
        held += len(lines[-1])
        if held >= POOL_BYTES:
            break
    starts = (0, *accumulate(map(len, lines[:-1])))
    return _Pool(b"".join(lines), starts)


def text(kind: str, size: int, seed: str) -> bytes:
    """Return whole lines of a kind of text, a little more than `size` bytes."""
    pool = _pool(kind)
    at = _random(seed).choice(pool.starts)
    parts: list[bytes] = []
    while size > 0:
        newline = pool.text.find(b"\n", at + size)
        part = pool.text[at : newline + 1] if newline >= 0 else pool.text[at:]
        parts.append(part)
        size -= len(part)
        at = 0
    return b"".join(parts)


def png(size: int, seed: str) -> bytes:
    """Return what is a PNG to whoever looks at its chunks, of incompressible content."""
    header = struct.pack(">IIBBBBB", 1024, max(1, size // 3072), 8, 2, 0, 0, 0)
    body = _random(seed).randbytes(max(1, size - 57))
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in chunks)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def mp4(size: int, seed: str) -> bytes:
    """Return what looks like an MP4: at its end a table of sample sizes, which compresses."""
    draw = _random(seed)
    samples = size // SAMPLE_BYTES
    table = struct.pack(f">{samples}I", *(draw.getrandbits(16) for _ in range(samples)))
    media = draw.randbytes(max(1, size - len(table) - 40))
    boxes = ((b"ftyp", b"isom\0\0\2\0isomiso2mp41"), (b"mdat", media), (b"moov", table))
    return b"".join(struct.pack(">I", len(data) + 8) + name + data for name, data in boxes)


def notebook(size: int, seed: str) -> bytes:
    """Return a notebook whose outputs are mostly images, of about `size` bytes."""
    draw = _random(seed)
    cells: list[dict[str, object]] = []
    held = 0
    while held < size:
        image = base64.encodebytes(png(draw.randint(20_000, 120_000), f"{seed}-{len(cells)}"))
        stream = text("log", draw.randint(500, 12_000), f"{seed}-{len(cells)}").decode()
        cells.append(_cell(draw, len(cells), image.decode(), stream))
        held += len(image) + len(stream)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1).encode()


def _cell(draw: Random, number: int, image: str, stream: str) -> dict[str, object]:
    calls = [f"{name} = measure({name!r}, {draw.random():.4f})\n" for name in draw.sample(WORDS, 6)]
    figure = {
        "output_type": "display_data",
        "data": {"image/png": image, "text/plain": ["<Figure size 640x480 with 1 Axes>"]},
        "metadata": {},
    }
    printed = {
        "output_type": "stream",
        "name": "stdout",
        "text": stream.splitlines(keepends=True),
    }
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "execution_count": number + 1,
        "metadata": {},
        "source": calls,
        "outputs": [printed, figure],
    }


def content(kind: str, size: int, seed: str) -> bytes:
    """Return content of a kind: one of log, jsonl, csv, ipynb, png, mp4."""
    makers = {"png": png, "mp4": mp4, "ipynb": notebook}
    return makers[kind](size, seed) if kind in makers else text(kind, size, seed)
