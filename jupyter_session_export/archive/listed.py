"""What a ZIP says of itself: the SHA-256 of each member, by its manifest and its checksums."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from ..errors import ArchiveUnreadable

MOST_LINE_BYTES = 256 * 1024
"""A line of ours names two paths of at most 4,096 bytes, escaped, and a reason."""
MOST_WHOLE_BYTES = 16 * 1024**2
"""A manifest that is not written a line for each entry, as ours are, is read whole."""
BEGIN = b'"entries": ['

Sum = tuple[str, str]
"""A path and its SHA-256."""


def manifest_sums(manifest: IO[bytes]) -> Iterator[Sum]:
    """Yield what manifest.json says is in the ZIP, read a line at a time.

    Raises ArchiveUnreadable for another layout.
    """
    head = manifest.readline(MOST_LINE_BYTES)
    try:
        if head.rstrip().endswith(BEGIN):
            yield from _sums(_entries(manifest))
        else:
            yield from _sums(_whole(head, manifest))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArchiveUnreadable(
            "manifest.json can't be read.", "It was not made by jupyter_session_export."
        ) from error


def listed_sums(checksums: IO[bytes]) -> Iterator[Sum]:
    """Yield what manifest-sha256.txt says is in the ZIP."""
    while line := checksums.readline(MOST_LINE_BYTES):
        digest, separator, path = line.decode("utf-8", "replace").rstrip("\n").partition("  ")
        if separator:
            yield path, digest


def _sums(entries: Iterator[Any]) -> Iterator[Sum]:
    for entry in entries:
        if entry["sha256"] is not None:
            yield str(entry["path"]), str(entry["sha256"])


def _entries(manifest: IO[bytes]) -> Iterator[Any]:
    while (line := manifest.readline(MOST_LINE_BYTES).strip()) != b"]}":
        if line:
            yield json.loads(line.removesuffix(b","))
        else:
            raise ValueError("the manifest is cut off")


def _whole(head: bytes, manifest: IO[bytes]) -> Iterator[Any]:
    rest = manifest.read(MOST_WHOLE_BYTES)
    if len(rest) == MOST_WHOLE_BYTES:
        raise ValueError("the manifest is too large to be read whole")
    yield from json.loads(head + rest)["entries"]
