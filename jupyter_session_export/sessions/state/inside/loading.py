"""The namespace from its files: all is checked before anything is unpickled."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .blocks import Altered, CheckedReader, hashed, read_blocks
from .dumping import reason
from .memory import allocated
from .namespace import bind, reseed, shell_of_kernel, surround
from .salvage import Failed, salvaged


def load(arguments: str) -> str:
    """Bind what `contents` lists, and return what could not be; `sha256` is that of `contents`.

    Returns `altered` where a file isn't what was written, `python` where another one has written
    it: then nothing was unpickled.
    """
    given = json.loads(arguments)
    try:
        return json.dumps(_load(given))
    except Altered as error:
        return json.dumps({"altered": str(error)})
    except OSError as error:
        return json.dumps({"errno": error.errno, "error": str(error)})


def _load(given: dict[str, str]) -> dict[str, Any]:
    text = Path(given["contents"]).read_bytes()
    if hashlib.sha256(text).hexdigest() != given["sha256"]:
        raise Altered("contents")
    contents = json.loads(text)
    if contents["python"].split(".")[:2] != platform.python_version().split(".")[:2]:
        # Functions are kept as bytecode.
        return {"python": platform.python_version(), "written_by": contents["python"]}
    objects = Path(given["objects"])
    if hashed(objects) != contents["objects"]["blocks"]:
        raise Altered(objects.name)
    buffers = _buffers(Path(given["buffers"]), contents["buffers"])
    shell = shell_of_kernel()
    with CheckedReader(objects, contents["objects"]["blocks"]) as raw:
        file = io.BufferedReader(raw)
        unpickler = pickle.Unpickler(file, buffers=buffers)  # noqa: S301  # just checked
        unpickler.load()
        around = unpickler.load()
        surround(shell, around)
        lost = _bound(shell, contents["kept"], _values(unpickler, contents, file, buffers))
    reseed(around)
    return {"lost": lost}


def _buffers(path: Path, told: dict[str, Any]) -> list[memoryview]:
    regions = [allocated(size) for size in told["regions"]]
    read_blocks(path, regions, told["blocks"])
    return [regions[region][at : at + size] for region, at, size in told["places"]]


def _values(
    unpickler: pickle.Unpickler,
    contents: dict[str, Any],
    file: io.BufferedReader[Any],
    buffers: list[memoryview],
) -> Iterator[Any]:
    """Yield each variable's value, or what has Failed."""
    values: list[Any] = []
    try:
        for _ in contents["kept"]:
            unpickler.load()
            values.append(unpickler.load())
    except Altered:
        raise
    except Exception:  # noqa: BLE001  # whose fault it is, and what is whole, is found out there
        values.clear()
        yield from salvaged(file, contents["kept"], buffers)
    else:
        yield from values


def _bound(shell: Any, kept: list[dict[str, Any]], values: Iterator[Any]) -> list[dict[str, str]]:
    lost = []
    for told, value in zip(kept, values, strict=True):
        if isinstance(value, Failed):
            keys = ("kind", "name", "type")
            lost.append({**{key: told[key] for key in keys}, "reason": reason(value.error)})
        else:
            bind(shell, told["kind"], told["name"], value)
    return lost
