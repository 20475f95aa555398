"""Folders of files to export, built once for each size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .cache import built_once
from .kinds import MIB, content

VERSION = 3
"""Goes up when the content changes, so that no old folder is taken for the new one."""
FULL_MB = 600
"""The size that the bars are about, in MB of raw content."""
SMALL_FILES = 20_000
SMALL_BYTES = 2_000
SMALL_PER_FOLDER = 200
NOTEBOOK = "analysis.ipynb"
SHARES = {"log": 0.12, "jsonl": 0.11, "csv": 0.12, "ipynb": 0.15, "png": 0.20, "mp4": 0.30}
"""Of the bytes; half of them, PNG and MP4, are incompressible."""
SIZES_MB = {
    "log": (0.05, 0.2, 0.6, 2, 12),
    "jsonl": (0.1, 0.4, 1.5, 9),
    "csv": (0.05, 0.3, 1, 3, 16),
    "ipynb": (0.3, 0.8, 2.5),
    "png": (0.05, 0.15, 0.4, 1.2),
    "mp4": (4, 12, 45),
}
"""File sizes of a kind, taken in turn."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to make."""

    path: str
    kind: str
    size: int

    def make(self) -> bytes:
        return content(self.kind, self.size, self.path)


def pieces(megabytes: float) -> list[Piece]:
    """Return the files of a corpus of mixed kinds with so much raw content."""
    return [piece for kind in SHARES for piece in _pieces_of(kind, megabytes)]


def _pieces_of(kind: str, megabytes: float) -> Iterator[Piece]:
    left = int(SHARES[kind] * megabytes * 1e6)
    number = 0
    while left > 0:
        size = int(min(SIZES_MB[kind][number % len(SIZES_MB[kind])] * 1e6, left))
        yield Piece(f"{kind}/{number // 100:02d}/{kind}_{number:04d}.{kind}", kind, size)
        left -= size
        number += 1


def mixed(megabytes: float) -> Path:
    """Return a folder of text, tables, notebooks, pictures and films beside a small notebook."""

    def build(folder: Path) -> None:
        write_notebook(folder / NOTEBOOK)
        for piece in pieces(megabytes):
            path = folder / piece.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(piece.make())

    return built_once(f"mixed-{megabytes:g}-v{VERSION}", build)


def small(count: int) -> Path:
    """Return a folder of many files of about 2 KB beside a small notebook."""

    def build(folder: Path) -> None:
        write_notebook(folder / NOTEBOOK)
        kinds = ("log", "jsonl", "csv")
        for number in range(count):
            kind = kinds[number % len(kinds)]
            path = folder / f"{number // SMALL_PER_FOLDER:03d}" / f"{number:05d}.{kind}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content(kind, SMALL_BYTES - 100, path.name))

    return built_once(f"small-{count}-v{VERSION}", build)


def write_notebook(path: Path) -> None:
    """Write the notebook whose folder is exported: tiny, so that it doesn't blur the rest."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "begin",
        "execution_count": None,
        "metadata": {},
        "source": "print('begin')",
        "outputs": [],
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole), encoding="utf-8")


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


__all__ = ["FULL_MB", "MIB", "NOTEBOOK", "SMALL_FILES", "bytes_in", "mixed", "pieces", "small"]
