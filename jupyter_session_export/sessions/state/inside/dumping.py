"""The namespace to two files: objects in one stream of pickles, the memory of arrays beside it.

All variables go through one pickler, so whatever they share stays shared. One that
can't be pickled is taken out of the stream again, and its reason is told.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .blocks import hashed, write_blocks
from .memory import laid_out
from .namespace import home_of, kind_of, place, shell_of_kernel, surroundings, variables
from .pickling import Pickler

MOST_REASON = 300
"""Characters."""


class _DiskFailed(BaseException):
    """The file can't be written: no fault of the variable, and no reason to go on."""


class _Objects(io.FileIO):
    """Where the pickler writes; errors of the disk aren't taken for those of a variable."""

    def write(self, content: Any) -> int:
        try:
            return _write(super().write, memoryview(content).cast("B"))
        except OSError as error:
            raise _DiskFailed from error


class _Stream:
    """One pickler over all variables."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._file = _Objects(path, "r+")
        self.buffers: list[pickle.PickleBuffer] = []
        # What the callback returns says whether the pickler is to write the buffer itself.
        self._pickler = Pickler(self._file, buffer_callback=self.buffers.append)

    def add(self, header: list[Any], value: Any) -> dict[str, int]:
        """Pickle both; raise what the value raises, with nothing of it left."""
        at, buffer = self._file.tell(), len(self.buffers)
        self._pickler.dump(header)
        try:
            self._pickler.dump(value)
        except Exception:
            self._take_back(header, at, buffer)
            raise
        return {"at": at, "buffer": buffer, "bytes": self._size(at, buffer)}

    def close(self) -> None:
        self._file.close()

    def _size(self, at: int, buffer: int) -> int:
        return self._file.tell() - at + sum(each.raw().nbytes for each in self.buffers[buffer:])

    def _take_back(self, header: list[Any], at: int, buffer: int) -> None:
        self._file.truncate(at)
        self._file.seek(at)
        del self.buffers[buffer:]
        memo = self._pickler.memo.copy()
        first = memo[id(header)][0]
        self._pickler.memo = {each: entry for each, entry in memo.items() if entry[0] < first}


def dump(arguments: str) -> str:
    """Write `objects`, `buffers` and `contents`; return whether that went well, as JSON.

    On any failure no file is left, and the namespace is as it was.
    """
    files = {name: Path(path) for name, path in json.loads(arguments).items()}
    try:
        return _dump(files["objects"], files["buffers"], files["contents"])
    except BaseException as error:
        for path in files.values():
            path.unlink(missing_ok=True)
        cause = error.__cause__ if isinstance(error, _DiskFailed) else error
        if isinstance(cause, OSError):
            return json.dumps({"errno": cause.errno, "error": str(cause)})
        raise


def _dump(objects: Path, buffers: Path, contents: Path) -> str:
    shell = shell_of_kernel()
    stream = _Stream(objects)
    try:
        kept, lost, homes = _pickled(stream, shell)
    finally:
        stream.close()
    layout = laid_out([each.raw() for each in stream.buffers])
    table = {
        "python": platform.python_version(),
        "place": place(),
        "modules": homes,
        "objects": {"bytes": objects.stat().st_size, "blocks": hashed(objects)},
        "buffers": {
            "regions": layout.sizes,
            "places": layout.places,
            "blocks": write_blocks(buffers, (part for each in layout.regions for part in each)),
        },
        "kept": kept,
        "lost": lost,
    }
    text = memoryview(json.dumps(table).encode())
    write_blocks(contents, [text])
    return json.dumps({"bytes": text.nbytes})


def _pickled(stream: _Stream, shell: Any) -> tuple[list[Any], list[Any], list[str]]:
    """Return what is kept, what is lost, and the modules that what is kept needs."""
    homes: dict[str, None] = {}
    kept: list[Any] = []
    lost: list[Any] = []
    stream.add([""], surroundings(shell))
    for kind, name, value in variables(shell):
        told = {"kind": kind, "name": name, "type": kind_of(value)}
        try:
            kept.append({**told, **stream.add([name], value)})
        except Exception as error:  # noqa: BLE001  # anything may come of a variable's own code
            lost.append({**told, "reason": reason(error)})
        else:
            homes |= dict.fromkeys(home_of(value))
    return kept, lost, list(homes)


def _write(write: Callable[[memoryview], int], content: memoryview) -> int:
    """Write all; a call of the system takes 2 GiB at most."""
    rest = content
    while rest.nbytes:
        rest = rest[write(rest) :]
    return content.nbytes


def reason(error: Exception) -> str:
    """Return an error in a line."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # its words are a variable's own code, too
        text = "it has no words"
    return f"{type(error).__name__}: {text}"[:MOST_REASON]
