"""The namespace from its files: all is checked before anything is unpickled."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import platform
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from .blocks import Altered, CheckedReader, hashed, read_blocks
from .dumping import reason
from .memory import allocated, enlarge_pages
from .namespace import RESULT, VARIABLE, bind, go_to, reseed, shell_of_kernel, surround
from .pickling import forget_classes
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
    go_to(contents["place"])
    buffers = _buffers(Path(given["buffers"]), contents["buffers"], contents["modules"])
    shell = shell_of_kernel()
    with CheckedReader(objects, contents["objects"]["blocks"]) as raw:
        file = io.BufferedReader(raw)
        unpickler = pickle.Unpickler(file, buffers=buffers)  # noqa: S301  # just checked
        unpickler.load()
        around = unpickler.load()
        surround(shell, around)
        kept = contents["kept"]
        try:
            lost = _bound(shell, kept, _loaded(unpickler, kept))
        except Altered:
            raise
        except Exception:  # noqa: BLE001  # whose fault it is, and what is whole, is found out now
            forget_classes()
            lost = _bound(shell, kept, salvaged(file, kept, buffers))
    reseed(around)
    return {"lost": lost}


def _buffers(path: Path, told: dict[str, Any], modules: Sequence[str]) -> list[memoryview]:
    """Read them, and load the modules meanwhile that the variables need: both take seconds."""
    regions = [allocated(size) for size in told["regions"]]
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(read_blocks, path, regions, told["blocks"])
        for name in modules:
            # Whichever variable needs it tells why it can't be loaded.
            with suppress(Exception):
                import_module(name)
        reading.result()
    for each in regions:
        enlarge_pages(each)
    return [regions[region][at : at + size] for region, at, size in told["places"]]


def _loaded(unpickler: pickle.Unpickler, kept: list[dict[str, Any]]) -> Iterator[Any]:
    """Yield each variable's value."""
    for _ in kept:
        unpickler.load()
        yield unpickler.load()


def _bound(shell: Any, kept: list[dict[str, Any]], values: Iterator[Any]) -> list[dict[str, str]]:
    """Bind each variable as soon as it is there, as the code of later ones may need it.

    Return those that have Failed.
    """
    results, lost = [], []
    for told, value in zip(kept, values, strict=True):
        if isinstance(value, Failed):
            about = {key: told[key] for key in ("kind", "name", "type")}
            lost.append({**about, "reason": reason(value.error)})
        elif told["kind"] == VARIABLE:
            bind(shell, VARIABLE, told["name"], value)
        else:
            results.append((told["name"], value))
    # Once: the last of them are `_`, `__` and `___`.
    for name, value in results:
        bind(shell, RESULT, name, value)
    return lost
