"""Files in blocks, each with its SHA-256: several threads hash while they write or read."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

BYTES = 8 * 1024 * 1024
THREADS = min(4, os.cpu_count() or 1)
Block = list[memoryview]


class Altered(Exception):
    """A file isn't what was written."""


def in_blocks(parts: Iterable[memoryview]) -> Iterator[Block]:
    """Cut memory that follows each other into blocks of BYTES; the last may be shorter."""
    block: Block = []
    room = BYTES
    for part in parts:
        rest = part
        while rest.nbytes:
            piece, rest = rest[:room], rest[room:]
            block.append(piece)
            room -= piece.nbytes
            if not room:
                yield block
                block, room = [], BYTES
    if block:
        yield block


def write_blocks(path: Path, parts: Iterable[memoryview]) -> list[str]:
    """Write a new private file; return its blocks' hashes. Raises OSError.

    Its room is taken beforehand: that costs the system less, and a full disk is told at once.
    """
    parts = list(parts)
    size = sum(part.nbytes for part in parts)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if size > BYTES and hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
    finally:
        os.close(descriptor)

    def write(number: int, block: Block) -> str:
        digest = hashlib.sha256()
        with path.open("r+b", buffering=0) as file:
            file.seek(number * BYTES)
            for piece in block:
                _write_all(file, piece)
                digest.update(piece)
        return digest.hexdigest()

    return _for_each(write, in_blocks(parts))


def read_blocks(path: Path, parts: Iterable[memoryview], digests: Sequence[str]) -> None:
    """Fill memory with a file's content. Raises Altered before anybody has seen it."""
    blocks = list(in_blocks(parts))
    size = sum(piece.nbytes for block in blocks for piece in block)
    with path.open("rb", buffering=0) as file:
        if len(blocks) != len(digests) or os.fstat(file.fileno()).st_size != size:
            raise Altered(path.name)

        def read(number: int, block: Block) -> str:
            digest, at = hashlib.sha256(), number * BYTES
            for piece in block:
                _fill_from(file, piece, at)
                digest.update(piece)
                at += piece.nbytes
            return digest.hexdigest()

        if _for_each(read, blocks) != list(digests):
            raise Altered(path.name)


def hashed(path: Path) -> list[str]:
    """Return the hashes of a file's blocks, with a few blocks in memory at most."""

    def read(number: int, size: int) -> str:
        memory = memoryview(bytearray(size))
        with path.open("rb", buffering=0) as file:
            file.seek(number * BYTES)
            _fill(file, memory)
        return hashlib.sha256(memory).hexdigest()

    whole, rest = divmod(path.stat().st_size, BYTES)
    return _for_each(read, [BYTES] * whole + [rest] * bool(rest))


class CheckedReader(io.RawIOBase):
    """A file whose every block is checked again as it is read, should it change meanwhile."""

    def __init__(self, path: Path, digests: Sequence[str]) -> None:
        self._file = path.open("rb", buffering=0)
        self._digests = digests
        self._at = 0
        self._number = -1
        self._block = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset if whence == io.SEEK_SET else self._at + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        number, offset = divmod(self._at, BYTES)
        if number >= len(self._digests):
            return 0
        if number != self._number:
            self._take(number)
        piece = memoryview(self._block)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _take(self, number: int) -> None:
        self._file.seek(number * BYTES)
        block = bytearray()
        while len(block) < BYTES and (more := self._file.read(BYTES - len(block))):
            block += more
        if hashlib.sha256(block).hexdigest() != self._digests[number]:
            raise Altered(self._file.name)
        self._number, self._block = number, bytes(block)


def _for_each(work: Any, blocks: Iterable[Any]) -> list[str]:
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [pool.submit(work, number, block) for number, block in enumerate(blocks)]
        try:
            return [each.result() for each in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _write_all(file: Any, piece: memoryview) -> None:
    while piece.nbytes:
        piece = piece[file.write(piece) :]


def _fill_from(file: Any, memory: memoryview, at: int) -> None:
    """Fill memory from a place in a file that others read, too.

    In one call where the system has it: after each the interpreter's lock has to be waited for.
    """
    if not hasattr(os, "preadv"):
        with Path(file.name).open("rb", buffering=0) as own:
            own.seek(at)
            _fill(own, memory)
        return
    while memory.nbytes:
        count = os.preadv(file.fileno(), [memory], at)
        if not count:
            raise Altered(file.name)
        memory, at = memory[count:], at + count


def _fill(file: Any, memory: memoryview) -> None:
    while memory.nbytes:
        count = file.readinto(memory)
        if not count:
            raise Altered(file.name)
        memory = memory[count:]
