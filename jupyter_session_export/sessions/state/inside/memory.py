"""Memory of arrays: which share it, and new memory for them.

Buffers that overlap belong to one region, so that a view stays a view.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

LARGE = 1024 * 1024
"""From here on a region is a mapping of its own, which goes back to the system when freed."""


class Place(NamedTuple):
    """Where a buffer lies: the region's number, the offset in it, the bytes."""

    region: int
    offset: int
    size: int


class Layout(NamedTuple):
    """`regions` are their bytes, as parts that follow each other; `places` are the buffers'."""

    regions: list[list[memoryview]]
    places: list[Place]

    @property
    def sizes(self) -> list[int]:
        return [sum(part.nbytes for part in parts) for parts in self.regions]


def laid_out(buffers: Sequence[memoryview]) -> Layout:
    """Return the regions of flat buffers, which must stay alive meanwhile."""
    addresses = [_address(each) for each in buffers]
    regions: list[list[memoryview]] = []
    places: dict[int, Place] = {}
    start = end = -1
    # Of those that begin at the same byte the longest comes first.
    for number in sorted(
        range(len(buffers)), key=lambda each: (addresses[each], -buffers[each].nbytes)
    ):
        buffer, address = buffers[number], addresses[number]
        if address >= end:
            regions.append([])
            start = end = address
        if address + buffer.nbytes > end:
            regions[-1].append(buffer[end - address :])
            end = address + buffer.nbytes
        places[number] = Place(len(regions) - 1, address - start, buffer.nbytes)
    return Layout(regions, [places[number] for number in range(len(buffers))])


def allocated(size: int) -> memoryview:
    """Return writable memory."""
    if size < LARGE or not hasattr(mmap, "MAP_PRIVATE"):
        return memoryview(bytearray(size))
    # Shared, which is the default, would be shared with forked processes, too.
    return memoryview(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


def enlarge_pages(memory: memoryview) -> None:
    """Have the system make large pages of memory that is full, in its own time.

    Asked for before, they are made while it is filled, which took three times as long: a system
    whose memory is full of files has to move those out of the way first.
    """
    mapping = memory.obj
    if isinstance(mapping, mmap.mmap) and hasattr(mmap, "MADV_HUGEPAGE"):
        # Not every system knows them.
        with suppress(OSError):
            mapping.madvise(mmap.MADV_HUGEPAGE)


class _Buffer(ctypes.Structure):
    """Py_buffer, as CPython's `object.h` has it since 3.3."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    )


def _address(buffer: memoryview) -> int:
    """Return where it begins; ctypes' own way is closed for read-only ones."""
    view = _Buffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(buffer), ctypes.byref(view), 0)
    try:
        return view.buf or 0
    finally:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(view))
