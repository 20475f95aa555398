"""MurmurHash2 of a cell's text, by which kernels name the file that a debugger shows for it."""

from __future__ import annotations

import struct

SEED = 0xC70F6907
"""What ipykernel and xeus-python use."""
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes, seed: int = SEED) -> int:
    """Return the 32-bit hash of https://github.com/aappleby/smhasher, MurmurHash2.cpp."""
    whole = len(data) & ~3
    value = (seed ^ len(data)) & _MASK
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        mixed = word * _M & _MASK
        mixed = (mixed ^ mixed >> 24) * _M & _MASK
        value = value * _M & _MASK ^ mixed
    if whole != len(data):
        value = (value ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    value = (value ^ value >> 13) * _M & _MASK
    return value ^ value >> 15
