"""A notebook that can't be had is rebuilt from its executions.

It is made in memory, in the server's process: so it is bounded, and says where the rest is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

from ..errors import ContentDamaged
from ..records.content import Sealed
from .contents import RecordedExecution

Load = Callable[[Sealed], bytes]
MOST_BYTES = 4 * 1024 * 1024
"""A value larger than this stays out of a rebuilt notebook, which says where it is."""
MOST_JSON_BYTES = 1024 * 1024
"""So does JSON: while a large one is parsed no other thread goes on."""
MOST_HELD_BYTES = 16 * 1024 * 1024
"""And whatever would make all values together larger than this."""
_STREAMS = ("stdout.txt", "stderr.txt")


def rebuild_notebook(
    executions: Iterable[RecordedExecution], load: Load, reason: str
) -> dict[str, Any]:
    """Return a notebook (nbformat 4.5) of the cells that ran, with what they put out last.

    A cell that ran again keeps its place. Runs without a cell id are cells of
    their own. `executions` are iterated twice; `load` gives the raw content of members.
    What it finds damaged is empty, and counted in the metadata. Raises ContentDamaged where
    that is all.
    """
    last = {_key(execution): execution.number for execution in executions if not execution.tool}
    wanted = set(last.values())
    room = _Room(MOST_HELD_BYTES)
    cells: dict[str, dict[str, Any]] = {}
    kernel: dict[str, Any] = {}
    for execution in executions:
        if execution.number not in wanted:
            continue
        members = _Members(execution, load, room)
        about = members.json("metadata.json", {})
        key = _key(execution)
        cells[key] = _cell(key, members, about)
        kernel = about.get("kernel") or kernel
    if room.damaged and not any(cell["source"] for cell in cells.values()):
        raise ContentDamaged("Nothing of its cells can be read.")
    return {
        "cells": [cells[key] for key in last],
        "metadata": {
            "kernelspec": {
                "name": kernel.get("name") or "",
                "display_name": kernel.get("name") or "",
                "language": kernel.get("language") or "",
            },
            "language_info": {"name": kernel.get("language") or ""},
            "session_export": {"rebuilt": True, "reason": reason, "damaged": room.damaged},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _key(execution: RecordedExecution) -> str:
    return execution.cell_id or f"execution-{execution.number}"


def script_of(notebook: dict[str, Any]) -> str:
    """Return the sources of a rebuilt notebook, one after the other."""
    return "\n\n".join(cell["source"].rstrip("\n") for cell in notebook["cells"]) + "\n"


class _Room:
    """How many more bytes a notebook may hold; `damaged` counts contents that can't be read."""

    def __init__(self, most: int) -> None:
        self.damaged = 0
        self._left = most

    def take(self, size: int) -> bool:
        """Take so many, if there are."""
        fits = size <= min(MOST_BYTES, self._left)
        self._left -= size if fits else 0
        return fits


class _Members:
    """The members of an execution by name; damaged ones are empty, and are counted."""

    def __init__(self, execution: RecordedExecution, load: Load, room: _Room) -> None:
        self.folder = f"executions/{execution.folder}"
        self.room = room
        self._sealed = {member.name: member.sealed for member in execution.members}
        self._load = load
        self._streams: dict[str, bytes] = {}

    def bytes(self, name: str) -> bytes:
        if name in self._streams:
            return self._streams[name]
        sealed = self._sealed.get(name)
        try:
            content = b"" if sealed is None else self._load(sealed)
        except ContentDamaged:
            self.room.damaged += 1
            content = b""
        if name in _STREAMS:
            # It may be asked for in thousands of pieces.
            self._streams[name] = content
        return content

    def size(self, name: str) -> int:
        sealed = self._sealed.get(name)
        return 0 if sealed is None else sealed.size

    def text(self, name: str) -> str:
        return self.bytes(name).decode("utf-8", "replace")

    def json(self, name: str, default: Any) -> Any:
        try:
            value = json.loads(self.bytes(name) or b"null")
        except (ValueError, RecursionError):
            return default
        return value if isinstance(value, type(default)) else default

    def elsewhere(self, size: int, name: str) -> str:
        """Return what stands for content that would be too much."""
        return f"[{size:,} bytes: see {self.folder}/{name}]"

    @property
    def source(self) -> str:
        name = next((name for name in self._sealed if name.startswith("source.")), "")
        size = self.size(name)
        return self.text(name) if self.room.take(size) else self.elsewhere(size, name)

    def outputs(self, count: int | None) -> list[dict[str, Any]]:
        """Return the outputs in nbformat's layout."""
        name = "outputs.json"
        if (size := self.size(name)) > MOST_JSON_BYTES:
            text = f"{self.elsewhere(size, name)}\n"
            return [{"output_type": "stream", "name": "stdout", "text": text}]
        found = [_output(output, self, count) for output in self.json(name, [])]
        return [output for output in found if output]


def _cell(key: str, members: _Members, about: dict[str, Any]) -> dict[str, Any]:
    count, execution = about.get("execution_count"), about.get("execution")
    count = count if isinstance(count, int) else None
    return {
        "cell_type": "code",
        "id": _cell_id(key),
        "metadata": {"execution": execution} if execution else {},
        "execution_count": count,
        "source": members.source,
        "outputs": members.outputs(count),
    }


def _cell_id(key: str) -> str:
    """Return an id that nbformat takes: up to 64 letters, digits, `-` and `_`."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in key)[:64]


def _output(output: Any, members: _Members, count: int | None) -> dict[str, Any] | None:
    kind = output.get("output_type") if isinstance(output, dict) else None
    if kind == "stream":
        return {"output_type": kind, "name": output["name"], "text": _stream(output, members)}
    if kind == "error":
        return {name: output[name] for name in ("output_type", "ename", "evalue", "traceback")}
    if kind not in ("display_data", "execute_result"):
        return None
    rebuilt = {
        "output_type": kind,
        "data": {mime: _value(mime, value, members) for mime, value in output["data"].items()},
        "metadata": output.get("metadata") or {},
    }
    if kind == "execute_result":
        rebuilt["execution_count"] = output.get("execution_count", count)
    return rebuilt


def _stream(output: dict[str, Any], members: _Members) -> str:
    text = output["text"]
    if not isinstance(text, dict):
        return "".join(text)
    name, start, end = text["$ref"], text.get("start", 0), text.get("end")
    size = (members.size(name) if end is None else end) - start
    if members.size(name) > MOST_BYTES or not members.room.take(size):
        return f"{members.elsewhere(size, name)}\n"
    return members.bytes(name)[start:end].decode("utf-8", "replace")


def _value(mime: str, value: Any, members: _Members) -> Any:
    if not (isinstance(value, dict) and set(value) == {"$ref"}):
        return value
    name = value["$ref"]
    size, is_json = members.size(name), mime == "application/json" or mime.endswith("+json")
    if (is_json and size > MOST_JSON_BYTES) or not members.room.take(size):
        return members.elsewhere(size, name)
    if is_json:
        return _parsed(members.text(name))
    raw = members.bytes(name)
    try:
        return (
            raw.decode("utf-8") if name.endswith(".txt") or not _is_binary(mime) else _base64(raw)
        )
    except UnicodeDecodeError:
        return _base64(raw)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _is_binary(mime: str) -> bool:
    return not mime.startswith("text/") and not mime.endswith(("+xml", "javascript", "/xml"))


def _base64(raw: bytes) -> str:
    return base64.encodebytes(raw).decode()
