"""The session's notebooks as they are on disk, and as scripts."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from ..records.times import from_timestamp

MOST_BYTES = 512 * 1024 * 1024
"""A notebook larger than this isn't read; its executions are in the record all the same."""

_log = logging.getLogger(__name__)
_exporting = threading.Lock()


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """A notebook's bytes, or why there are none; `script` is (extension, text) if there is one."""

    path: str
    content: bytes | None
    modified: datetime | None
    reason: str | None
    script: tuple[str, bytes] | None = None
    script_reason: str | None = None


def read_notebook(root: Path, path: str) -> NotebookFile:
    """Read a notebook by its path below the root, never following a link out of it."""
    try:
        file = (root / path.lstrip("/")).resolve(strict=True)
        if not file.is_relative_to(root.resolve()):
            return NotebookFile(path, None, None, "leads out of the root folder")
        if not file.is_file():
            return NotebookFile(path, None, None, "is not a file")
        status = file.stat()
        if status.st_size > MOST_BYTES:
            return NotebookFile(path, None, None, f"is larger than {MOST_BYTES} bytes")
        content = file.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:
        return NotebookFile(path, None, None, _reason(error))
    modified = from_timestamp(status.st_mtime)
    script, script_reason = _script(content)
    return NotebookFile(path, content, modified, None, script, script_reason)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not on disk"
    return f"can't be read: {getattr(error, 'strerror', None) or error}"


def _script(content: bytes) -> tuple[tuple[str, bytes] | None, str | None]:
    """Turn a notebook into a script of its language; return it, or why that can't be."""
    try:
        extension, text = to_script(content)
    except Exception as error:  # noqa: BLE001  # whatever a broken notebook does to nbconvert
        _log.debug("No script of a notebook", exc_info=True)
        return None, f"no script could be made of it: {type(error).__name__}"
    return (extension, text), None


def to_script(content: bytes) -> tuple[str, bytes]:
    """Return (extension, UTF-8 text) of a notebook by nbconvert's exporter for its language."""
    # nbconvert takes half a second to import, which only an export should pay.
    from nbformat import converter, reader  # noqa: PLC0415

    notebook: Any = converter.convert(reader.reads(content.decode("utf-8", "replace")), 4)
    # nbconvert warns of missing cell ids, which don't matter to a script.
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{number}")
    notebook.nbformat_minor = 5
    _name_the_language(notebook.metadata)
    with _exporting:
        text, resources = _exporter().from_notebook_node(notebook)
    return resources.get("output_extension") or ".txt", text.encode("utf-8", "surrogatepass")


@cache
def _exporter() -> Any:
    """Return the one exporter: it compiles its templates once, in 20 ms."""
    from nbconvert.exporters import ScriptExporter  # noqa: PLC0415

    return ScriptExporter()


def _name_the_language(metadata: Any) -> None:
    """Fill in what nbconvert insists on and a notebook that never met a kernel may lack."""
    language = metadata.setdefault("language_info", {})
    kernelspec = metadata.get("kernelspec", {})
    if kernelspec:
        kernelspec.setdefault("display_name", kernelspec.get("name", ""))
    language.setdefault("name", kernelspec.get("language", ""))
    # nbconvert would import whatever class a notebook names here.
    language.pop("nbconvert_exporter", None)
    if language["name"] == "python":
        language["nbconvert_exporter"] = "python"
