"""Arrays of numpy that skip elements of their memory: they come back as views, not as copies.

numpy itself hands out the memory of contiguous arrays only.
"""

from __future__ import annotations

import ctypes
import pickle
import sys
from importlib import import_module
from typing import Any


def is_strided(obj: Any) -> bool:
    """Tell whether it is an array with gaps, or with its axes in another order than memory."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(obj) is not numpy.ndarray:
        return False
    contiguous = obj.flags.c_contiguous or obj.flags.f_contiguous
    return not contiguous and obj.size > 0 and not obj.dtype.hasobject


def reduce_strided(array: Any) -> Any:
    """Return how to make it from all the memory between its first and its last byte."""
    steps = [(count - 1) * stride for count, stride in zip(array.shape, array.strides, strict=True)]
    before = -sum(step for step in steps if step < 0)
    size = before + sum(step for step in steps if step > 0) + array.itemsize
    # The array, which the pickler holds, keeps this memory alive.
    span = (ctypes.c_char * size).from_address(array.__array_interface__["data"][0] - before)
    how = (array.dtype, array.shape, array.strides)
    return _strided, (pickle.PickleBuffer(span), before, how, array.flags.writeable)


def _strided(memory: Any, offset: int, how: Any, writeable: bool) -> Any:
    dtype, shape, strides = how
    made = import_module("numpy").ndarray(shape, dtype, memory, offset, strides)
    made.flags.writeable = writeable
    return made
