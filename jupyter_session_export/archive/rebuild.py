"""A notebook that can't be had is rebuilt from its executions."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

from ..records.content import Sealed
from .contents import RecordedExecution

Load = Callable[[Sealed], bytes]
MOST_BYTES = 4 * 1024 * 1024
"""A value larger than this stays out of a rebuilt notebook, which says where it is."""


def rebuild_notebook(
    executions: Iterable[RecordedExecution], load: Load, reason: str
) -> dict[str, Any]:
    """Return a notebook (nbformat 4.5) of the cells that ran, with what they put out last.

    A cell that ran again keeps its place. Runs without a cell id are cells of
    their own. `load` gives the raw content of members.
    """
    cells: dict[str, dict[str, Any]] = {}
    kernel: dict[str, Any] = {}
    for execution in executions:
        if execution.tool:
            continue
        members = _Members(execution, load)
        about = members.json("metadata.json", {})
        key = about.get("cell_id") or f"execution-{execution.number}"
        cells[key] = _cell(key, members, about)
        kernel = about.get("kernel") or kernel
    return {
        "cells": list(cells.values()),
        "metadata": {
            "kernelspec": {
                "name": kernel.get("name") or "",
                "display_name": kernel.get("name") or "",
                "language": kernel.get("language") or "",
            },
            "language_info": {"name": kernel.get("language") or ""},
            "session_export": {"rebuilt": True, "reason": reason},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def script_of(notebook: dict[str, Any]) -> str:
    """Return the sources of a rebuilt notebook, one after the other."""
    return "\n\n".join(cell["source"].rstrip("\n") for cell in notebook["cells"]) + "\n"


class _Members:
    """The members of an execution by name; damaged ones count as missing."""

    def __init__(self, execution: RecordedExecution, load: Load) -> None:
        self.folder = f"executions/{execution.folder}"
        self._sealed = {member.name: member.sealed for member in execution.members}
        self._load = load

    def bytes(self, name: str) -> bytes:
        sealed = self._sealed.get(name)
        return b"" if sealed is None else self._load(sealed)

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

    @property
    def source(self) -> str:
        return next((self.text(name) for name in self._sealed if name.startswith("source.")), "")


def _cell(key: str, members: _Members, about: dict[str, Any]) -> dict[str, Any]:
    count, execution = about.get("execution_count"), about.get("execution")
    count = count if isinstance(count, int) else None
    outputs = [_output(o, members, count) for o in members.json("outputs.json", [])]
    return {
        "cell_type": "code",
        "id": _cell_id(key),
        "metadata": {"execution": execution} if execution else {},
        "execution_count": count,
        "source": members.source,
        "outputs": [output for output in outputs if output],
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
    if members.size(name) > MOST_BYTES:
        return f"[{(end or 0) - start:,} bytes: see {members.folder}/{name}]\n"
    return members.bytes(name)[start:end].decode("utf-8", "replace")


def _value(mime: str, value: Any, members: _Members) -> Any:
    if not (isinstance(value, dict) and set(value) == {"$ref"}):
        return value
    name = value["$ref"]
    if members.size(name) > MOST_BYTES:
        return f"[{members.size(name):,} bytes: see {members.folder}/{name}]"
    if mime == "application/json" or mime.endswith("+json"):
        return members.json(name, {})
    raw = members.bytes(name)
    try:
        return (
            raw.decode("utf-8") if name.endswith(".txt") or not _is_binary(mime) else _base64(raw)
        )
    except UnicodeDecodeError:
        return _base64(raw)


def _is_binary(mime: str) -> bool:
    return not mime.startswith("text/") and not mime.endswith(("+xml", "javascript", "/xml"))


def _base64(raw: bytes) -> str:
    return base64.encodebytes(raw).decode()
