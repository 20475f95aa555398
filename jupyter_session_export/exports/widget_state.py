"""What a notebook on disk lacks to show its widgets: their state, put in beside what it has.

A notebook has it only where "Save Widget State Automatically" was on when it was saved.
Nothing else of the file is touched: the text goes in at its place.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..archive.widgets import STATE, Widgets, views_of
from ..records.widgets import VIEW

_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class WidgetGap:
    """Models that outputs show and `metadata.widgets` has nothing of, and where that lies.

    It is the bytes `start` to `end` of the notebook; where there is none both are
    its place, and `alone` tells that `metadata` has nothing else. `sha256` tells the
    notebook from any other.
    """

    sha256: str
    models: list[str]
    start: int
    end: int
    alone: bool = False


def find_gap(content: bytes, notebook: dict[str, Any]) -> WidgetGap | None:
    """Return what a notebook lacks; None where it lacks nothing, or can't be filled."""
    if VIEW.encode() not in content:
        return None
    metadata = notebook.get("metadata")
    if not isinstance(metadata, dict):
        return None
    saved = _saved_models(metadata.get("widgets", {}))
    missing = [] if saved is None else [id_ for id_ in views_of(notebook) if id_ not in saved]
    return _locate(content, missing) if missing else None


def fill_gap(content: bytes, gap: WidgetGap, widgets: Widgets) -> tuple[bytes, str] | None:
    """Return the notebook with what is recorded, and what was done.

    None where nothing is recorded, or where it is another notebook by now.
    """
    state = widgets.state(gap.models)
    if state is None or hashlib.sha256(content).hexdigest() != gap.sha256:
        return None
    text = f'{{"{STATE}":{state}}}'
    if gap.start < gap.end:
        text = _merged(json.loads(content[gap.start : gap.end]), json.loads(state))
    else:
        text = f'\n  "widgets": {text}{"" if gap.alone else ","}'
    filled = content[: gap.start] + text.encode() + content[gap.end :]
    return filled, _note(len(widgets.shown(gap.models)), _unknown(gap, widgets))


def _unknown(gap: WidgetGap, widgets: Widgets) -> int:
    shown = widgets.shown(gap.models)
    return sum(model not in shown for model in gap.models)


def _note(added: int, unknown: int) -> str:
    rest = f"; {unknown} that it shows were closed or not recorded" if unknown else ""
    return f"widget state added: {added} models{rest}"


def _saved_models(widgets: Any) -> dict[str, Any] | None:
    """Return the models that a notebook holds; None where it holds them in a way not ours."""
    if not isinstance(widgets, dict):
        return None
    document = widgets.get(STATE, {"version_major": 2})
    if not isinstance(document, dict) or document.get("version_major") != 2:
        return None
    state = document.get("state", {})
    return state if isinstance(state, dict) else None


def _merged(widgets: dict[str, Any], state: dict[str, Any]) -> str:
    """Add to what was saved; a model that was saved stays as it is."""
    saved = widgets.get(STATE, {})
    models = {**state["state"], **saved.get("state", {})}
    return json.dumps({**widgets, STATE: {**state, **saved, "state": models}})


def _locate(content: bytes, models: list[str]) -> WidgetGap | None:
    # One character for each byte: all that JSON itself is made of is ASCII.
    text = content.decode("latin-1")
    begin = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    spans = {name: (start, end) for name, start, end in _members(text, _skip(text, begin))}
    start, _ = spans["metadata"]
    digest = hashlib.sha256(content).hexdigest()
    members = {name: (first, last) for name, first, last in _members(text, start)}
    if "widgets" in members:
        return WidgetGap(digest, models, *members["widgets"])
    return WidgetGap(digest, models, start + 1, start + 1, alone=not members)


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Yield name, start and end of each value of the valid JSON object that begins at `at`."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, at = _decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _decode(text, start)
        yield name, start, end
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at
