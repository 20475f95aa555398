"""Folders with one hostile thing each, beside files that are fine."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random

from .. import corpus

GOOD = tuple(f"{letter}.txt" for letter in "abcxyz")
"""Files on both sides of the hostile thing, which is called m or begins with it."""
GOOD_BYTES = 4_000_000
SECRET = b"what lies outside of the folder is nobody's business"
IN_1979 = 300_000_000
GROWING_BYTES = 40_000_000
GROWS_EACH = 0.002


@dataclass(frozen=True, slots=True)
class Tree:
    """`make` puts the hostile thing into a folder; `busy` is what goes on while it is packed."""

    name: str
    make: Callable[[Path], None]
    hostile: str = "m"
    packed: bool = False
    """Whether the thing is no less than a file, which has to be in the ZIP."""
    busy: Callable[[Path], AbstractContextManager[object]] = nullcontext


def build(tree: Tree, folder: Path) -> None:
    """Make the folder's files and the hostile thing. Raises OSError where the system refuses."""
    folder.mkdir()
    corpus.write_notebook(folder / corpus.NOTEBOOK)
    for name in GOOD:
        (folder / name).write_bytes(good(name))
    tree.make(folder)


def good(name: str) -> bytes:
    """Return a file's content: too much to be held back until the last file is packed."""
    return Random(name).randbytes(GOOD_BYTES)  # noqa: S311  # the same each time


def _link_out(folder: Path) -> None:
    outside = folder.parent / "outside.txt"
    outside.write_bytes(SECRET)
    (folder / "m").symlink_to(outside)


def _loop(folder: Path) -> None:
    (folder / "m").symlink_to("m2")
    (folder / "m2").symlink_to("m")


def _socket(folder: Path) -> None:
    listening = socket.socket(socket.AF_UNIX)
    # The path of a socket may be 107 bytes long, and this folder's own is long already.
    before = Path.cwd()
    os.chdir(folder)
    try:
        listening.bind("m")
    finally:
        os.chdir(before)
        listening.close()


def _unreadable_folder(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "inside.txt").write_text("hidden")
    (folder / "m").chmod(0)


def _unreadable_file(folder: Path) -> None:
    (folder / "m").write_text("hidden")
    (folder / "m").chmod(0)


def _old(folder: Path) -> None:
    (folder / "m").write_text("from before there were ZIPs")
    os.utime(folder / "m", (IN_1979, IN_1979))


def _big(folder: Path) -> None:
    (folder / "m").write_bytes(os.urandom(GROWING_BYTES))


@contextmanager
def _growing(folder: Path) -> Iterator[None]:
    stop = threading.Event()

    def grow() -> None:
        with (folder / "m").open("ab", buffering=0) as file:
            while not stop.wait(GROWS_EACH):
                file.write(b"one line more\n" * 100)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


@contextmanager
def _replaced(folder: Path) -> Iterator[None]:
    """Put another file in its place, over and over."""
    stop = threading.Event()

    def replace() -> None:
        fresh = folder.parent / "fresh"
        while not stop.wait(GROWS_EACH):
            fresh.write_bytes(b"another file\n" * 1000)
            fresh.replace(folder / "m")

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


TREES = (
    Tree("dangling link", lambda folder: (folder / "m").symlink_to("nowhere")),
    Tree("link loop", _loop),
    Tree("link to its own folder", lambda folder: (folder / "m").symlink_to(".")),
    Tree("link out of the root", _link_out),
    Tree("socket", _socket),
    Tree(
        "device",
        lambda folder: os.mknod(folder / "m", stat.S_IFCHR | 0o600, os.makedev(1, 5)),
    ),
    Tree("unreadable file", _unreadable_file),
    Tree("unreadable folder", _unreadable_folder),
    Tree("file of 1979", _old, packed=True),
    Tree("file that grows", _big, packed=True, busy=_growing),
    Tree("file that is replaced", _big, packed=True, busy=_replaced),
    Tree("FIFO", lambda folder: os.mkfifo(folder / "m")),
)
"""The FIFO is the last: a packer that waits for its writer never answers."""
