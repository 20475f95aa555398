"""The routes, from their OpenAPI description, which a test holds against the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DESCRIPTION = Path(__file__).parents[1] / "rest-api.yml"
METHODS = ("get", "head", "post", "put", "delete")
COMPOSED = ("allOf", "anyOf", "oneOf")
CURRENT, NAMED = "/session/", "/sessions/{session_id}/"


def routes_text() -> str:
    """Return a table for each kind of routes: what a request does and takes."""
    described = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    return "\n".join(
        line for tag in described["tags"] for line in _section(described, tag["name"], tag)
    )


def _section(described: dict[str, Any], name: str, tag: dict[str, str]) -> Iterator[str]:
    yield f"## {tag['description'].rstrip('.')}\n"
    yield from ("| request | does | takes |", "|---|---|---|")
    for path, item in described["paths"].items():
        # What the current session has is told once.
        if path.startswith(NAMED) and path.replace(NAMED, CURRENT) in described["paths"]:
            continue
        for method in METHODS:
            if name in item.get(method, {}).get("tags", ()):
                yield _row(described, method, path, item[method])
    yield ""


def _row(described: dict[str, Any], method: str, path: str, does: dict[str, Any]) -> str:
    takes = ", ".join(f"`{each}`" for each in dict.fromkeys(_taken(described, does)))
    return f"| `{method.upper()} {path[1:]}` | {does['summary']} | {takes} |"


def _taken(described: dict[str, Any], does: dict[str, Any]) -> Iterator[str]:
    """Yield what is in its query, its headers and its body; `?` is what may be left out."""
    for parameter in (_resolved(described, each) for each in does.get("parameters", ())):
        yield parameter["name"] + ("" if parameter.get("required") else "?")
    for kind, body in does.get("requestBody", {}).get("content", {}).items():
        schema = _resolved(described, body["schema"])
        yield from _properties(described, schema) if kind == "application/json" else [kind]


def _properties(described: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    for name in schema.get("properties", {}):
        yield name + ("" if name in required else "?")
    for part in (part for way in COMPOSED for part in schema.get(way, ())):
        yield from _properties(described, _resolved(described, part))


def _resolved(described: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    found: dict[str, Any] = part
    for step in part.get("$ref", "").split("/")[1:]:
        found = (described if found is part else found)[step]
    return found
