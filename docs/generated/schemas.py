"""The JSON documents of a ZIP, from their schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "schemas"


def schema_text(name: str) -> str:
    """Return a table of all that a document has."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return "\n".join(
        [schema["description"], "", "| key | type | |", "|---|---|---|", *_rows(schema)]
    )


def _rows(schema: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, part in schema.get("properties", {}).items():
        path = f"{above}{name}"
        yield f"| `{path}` | {_kind(part)} | {part['description']} |"
        yield from _rows(part, f"{path}.")
        yield from _rows(part.get("items", {}), f"{path}[].")


def _kind(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " ".join(f"`{value}`" for value in part["enum"])
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    return " or ".join(
        "time" if part.get("format") and kind == "string" else kind for kind in kinds
    )
