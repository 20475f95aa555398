"""Which execution a debugger's file stands for. The recorder's thread."""

from __future__ import annotations

import re
from collections import OrderedDict

from ..encoding import to_bytes
from .murmur import murmur2

MOST_SOURCES = 10_000
MOST_BYTES = 256 * 1024
"""Hashing longer cells would hold up the recorder; their frames have a path only."""
_STEM = re.compile(r"(?:^|[/\\])(\d{1,10})\.[^./\\]*$")


class SourceIndex:
    """The msg_ids of a kernel's executions by the hash of their text; the last one counts."""

    def __init__(self) -> None:
        self._by_hash: OrderedDict[int, str] = OrderedDict()

    def note(self, code: str, msg_id: str) -> None:
        data = to_bytes(code)
        if len(data) > MOST_BYTES:
            return
        key = murmur2(data)
        self._by_hash[key] = msg_id
        self._by_hash.move_to_end(key)
        if len(self._by_hash) > MOST_SOURCES:
            self._by_hash.popitem(last=False)

    def find(self, path: str) -> str | None:
        """Return the msg_id that a path such as `/tmp/ipykernel_12/3504658754.py` stands for."""
        match = _STEM.search(path)
        return None if match is None else self._by_hash.get(int(match[1]))
