"""Unpickles what can be, where one variable's own code fails: slowly, but each by itself.

Later variables refer to what earlier ones hold by its number in the unpickler's
memo. The numbers of one that fails are counted and marked, so that the others
keep theirs, and whatever refers to a marked one is known to be incomplete, too.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from .blocks import Altered
from .pickling import NotKept

_COUNTED = frozenset({"MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"})


class Failed(NamedTuple):
    """Stands for a value."""

    error: Exception


class _Incomplete:
    """Stands for an object in the memo."""


class _Memo(dict[int, Any]):
    def __getitem__(self, number: int) -> Any:
        value = super().__getitem__(number)
        if value is _Incomplete:
            raise NotKept("a part of it is in a variable that could not be restored")
        return value


class _Unpickler(pickle._Unpickler):  # the one in Python
    memo: dict[int, Any]

    def begin_at(self, buffers: Sequence[memoryview]) -> None:
        self._buffers = iter(buffers)


def salvaged(
    file: io.BufferedReader[Any], kept: Sequence[dict[str, Any]], buffers: Sequence[memoryview]
) -> Iterator[Any]:
    """Yield each variable's value, or what has Failed."""
    file.seek(0)
    unpickler = _Unpickler(file, buffers=buffers)
    unpickler.memo = _Memo()
    unpickler.load()
    unpickler.load()
    for told in kept:
        file.seek(told["at"])
        unpickler.begin_at(buffers[told["buffer"] :])
        before = len(unpickler.memo)
        try:
            unpickler.load()
            value = unpickler.load()
        except Altered:
            raise
        except Exception as error:  # noqa: BLE001  # anything may come of a variable's own code
            file.seek(told["at"])
            count = _memoized(file)
            unpickler.memo.update(dict.fromkeys(range(before, before + count), _Incomplete))
            value = Failed(error)
        yield value


def _memoized(file: io.BufferedReader) -> int:
    """Return how many numbers the two pickles that come next take."""
    pickles = (pickletools.genops(file) for _ in range(2))
    return sum(operation.name in _COUNTED for each in pickles for operation, _, _ in each)
