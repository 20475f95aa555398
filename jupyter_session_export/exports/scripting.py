"""What a notebook's document says of itself, and the same code as a script.

Run as a program it describes the notebooks whose paths come in as lines of
JSON: large ones are parsed in a process of their own, since parsing one here
would hold up the server's event loop for as long as it takes.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .widget_state import WidgetGap, find_gap

_exporting = threading.Lock()


@dataclass(frozen=True, slots=True)
class NotebookFacts:
    """`is_notebook` is False for what is no notebook of format 4; `script_reason` says why
    there is no script. `extension` has its dot; `gap` is what it lacks to show its widgets."""

    is_notebook: bool = False
    cells: int | None = None
    code_cells: int | None = None
    kernel_name: str | None = None
    language: str | None = None
    extension: str | None = None
    script: str | None = None
    script_reason: str | None = None
    gap: WidgetGap | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> NotebookFacts:
        """Read what `asdict` made of it."""
        gap = data.pop("gap")
        return cls(**data, gap=None if gap is None else WidgetGap(**gap))


def describe(content: bytes) -> NotebookFacts:
    """Describe a notebook; whatever is wrong with it is told, never raised."""
    extension, script, reason = None, None, None
    try:
        extension, script = to_script(content)
    except Exception as error:  # noqa: BLE001  # whatever a broken notebook does to nbconvert
        reason = f"no script could be made of it: {type(error).__name__}"
    document = _parsed(content)
    if document is None:
        return NotebookFacts(extension=extension, script=script, script_reason=reason)
    cells, spec = document["cells"], _kernelspec(document)
    return NotebookFacts(
        is_notebook=True,
        cells=len(cells),
        code_cells=sum(isinstance(c, dict) and c.get("cell_type") == "code" for c in cells),
        kernel_name=_text(spec.get("name")),
        language=_text(spec.get("language")),
        extension=extension,
        script=script,
        script_reason=reason,
        gap=find_gap(content, document),
    )


def to_script(content: bytes) -> tuple[str, str]:
    """Return (extension, text) of a notebook by nbconvert's exporter for its language."""
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
    return resources.get("output_extension") or ".txt", text


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


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_notebook = isinstance(document, dict) and isinstance(document.get("cells"), list)
    return document if is_notebook else None


def _kernelspec(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return spec if isinstance(spec, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def main() -> None:
    """Answer each path on standard input with a line of facts."""
    for line in sys.stdin:
        facts = describe(Path(json.loads(line)).read_bytes())
        sys.stdout.write(json.dumps(asdict(facts)) + "\n")
        sys.stdout.flush()
