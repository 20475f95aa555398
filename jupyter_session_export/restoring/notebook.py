"""A notebook's code cells as its document has them, and what is written into them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import NotebookUnreadable
from ..records.shown import digest
from .run import sha256_of

TIMING = "execution"
"""Where a cell's metadata has JupyterLab's times."""
ENDED = "iopub.status.idle"
KEPT_AS_LINES = ("application/javascript", "image/svg+xml")
_ABSENT: dict[str, Any] = {}
_CUT = re.compile(r"^IOPub (?:data|message) rate exceeded", re.MULTILINE)
"""What jupyter_server shows in the place of what it leaves out."""


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A code cell at its `place` among all cells; `document` is the notebook's own object."""

    place: int
    document: dict[str, Any]

    @property
    def id(self) -> str | None:
        """None in notebooks of a minor version below 5."""
        cell_id = self.document.get("id")
        return cell_id if isinstance(cell_id, str) else None

    @property
    def source(self) -> str:
        return joined(self.document.get("source", ""))

    @property
    def source_sha256(self) -> str:
        return sha256_of(self.source)

    @property
    def has_outputs(self) -> bool:
        return bool(self.document.get("outputs"))

    @property
    def was_cut(self) -> bool:
        """Tell whether a server's rate limit has kept a part of the outputs from the page."""
        outputs = self.document.get("outputs") or []
        return any(_CUT.search(joined(output.get("text", ""))) for output in outputs)

    @property
    def outputs_digest(self) -> str:
        """The digest of the outputs that it has."""
        return digest(whole(output) for output in self.document.get("outputs") or [])

    @property
    def execution_count(self) -> Any:
        return self.document.get("execution_count")

    @property
    def ended_at(self) -> str | None:
        """When the run ended whose outputs it has, where the notebook says so."""
        metadata = self.document.get("metadata")
        timing = metadata.get(TIMING) if isinstance(metadata, dict) else None
        at = timing.get(ENDED) if isinstance(timing, dict) else None
        return at if isinstance(at, str) else None

    def results(self) -> dict[str, Any]:
        """Return what running it has put into it."""
        metadata = self.document.get("metadata") or _ABSENT
        return {
            "outputs": self.document.get("outputs") or [],
            "execution_count": self.execution_count,
            TIMING: metadata.get(TIMING),
        }

    def put(self, results: Mapping[str, Any]) -> None:
        """Replace what running it has put into it."""
        self.document["outputs"] = results["outputs"]
        self.document["execution_count"] = results["execution_count"]
        metadata = self.document.setdefault("metadata", {})
        if results[TIMING]:
            metadata[TIMING] = results[TIMING]
        else:
            metadata.pop(TIMING, None)


def code_cells(notebook: Any) -> Iterator[CodeCell]:
    """Yield the code cells of a notebook of version 4. Raises NotebookUnreadable."""
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or notebook.get("nbformat") != 4:
        raise NotebookUnreadable(
            "This is no notebook of version 4.",
            "Open it in JupyterLab and save it, then try again.",
        )
    for place, cell in enumerate(cells):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield CodeCell(place, cell)


def joined(text: Any) -> str:
    """Return a text that may be kept as lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def whole(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output with its texts in one piece, as pages have it."""
    if output.get("output_type") == "stream":
        return {**output, "text": joined(output.get("text", ""))}
    if isinstance(output.get("data"), dict):
        data = {
            mime: value if _is_json(mime) or not isinstance(value, list) else joined(value)
            for mime, value in output["data"].items()
        }
        return {**output, "data": data}
    return output


def in_lines(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output with its texts as lines, as notebooks have it on disk."""
    if output.get("output_type") == "stream":
        return {**output, "text": output["text"].splitlines(keepends=True)}
    if "data" in output:
        data = {
            mime: value.splitlines(keepends=True) if _in_lines(mime, value) else value
            for mime, value in output["data"].items()
        }
        return {**output, "data": data}
    return output


def _in_lines(mime: str, value: Any) -> bool:
    return isinstance(value, str) and (mime.startswith("text/") or mime in KEPT_AS_LINES)


def _is_json(mime: str) -> bool:
    return mime == "application/json" or mime.endswith("+json")
