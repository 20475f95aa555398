"""Fold a journal's lines into the outputs that a front end would show. Pure.

Follows JupyterLab: neighbouring stream outputs of one name are one,
`clear_output(wait=True)` waits for the next output, and anything displayed under
a known display id updates what was displayed under it before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .outcome import CAPTURED, REPLY

Line = dict[str, Any]


@dataclass(slots=True)
class StreamOutput:
    """Text on stdout or stderr: bytes `start` to `end` of that stream's file."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class RichOutput:
    """A display_data or execute_result; `data` holds values or refs into the blobs."""

    type: str
    data: dict[str, Any]
    metadata: dict[str, Any]
    execution_count: int | None = None
    display_id: str | None = None


@dataclass(slots=True)
class ErrorOutput:
    name: str
    value: str
    traceback: list[str]


Output = StreamOutput | RichOutput | ErrorOutput


@dataclass(slots=True)
class Fold:
    """The outputs after the lines taken so far; folding in pieces equals folding whole.

    With `in_cell` what a widget has taken to show it itself is left out, as a page does;
    `captured` tells whether a widget took some.
    """

    outputs: list[Output] = field(default_factory=list)
    in_cell: bool = False
    captured: bool = False
    _captors: set[str] = field(default_factory=set)
    _clear_next: bool = False
    _is_idle: bool = False
    _help: RichOutput | None = None
    _sizes: dict[str, int] = field(default_factory=dict)
    _displays: dict[str, list[RichOutput]] = field(default_factory=dict)

    def take(self, lines: Iterable[Line]) -> Fold:
        for line in lines:
            self._take(line)
        return self

    @property
    def clears_next(self) -> bool:
        """Tell whether the next output is to take the place of all that there is."""
        return self._clear_next

    def _take(self, line: Line) -> None:
        kind = line.get("type")
        if kind == "stream":
            self._stream(line["name"], line["bytes"])
            return
        content = line.get("content") or {}
        if kind == CAPTURED:
            self._capture(content)
        elif kind in (REPLY, "status"):
            self._note_help(kind, content)
        elif self._captors:
            return
        elif kind in ("display_data", "execute_result"):
            self._update(content)
            self._display(_rich(kind, content))
        elif kind == "update_display_data":
            self._update(content)
        elif kind == "clear_output":
            self._clear(wait=bool(content.get("wait")))
        elif kind == "error":
            self._append(_error(content))

    def _note_help(self, kind: str, content: dict[str, Any]) -> None:
        """Show help at the end: a reply's channel may overtake what was put out before it."""
        if kind == "status":
            self._is_idle = content.get("execution_state") == "idle"
        elif isinstance(content.get("page"), dict):
            self._help = RichOutput("display_data", content["page"], {})
        if self._is_idle and self._help is not None:
            self._append(self._help)
            self._help = None

    def _stream(self, name: str, size: int) -> None:
        start = self._sizes.get(name, 0)
        self._sizes[name] = start + size
        if self._captors:
            return
        self._clear_if_due()
        last = self.outputs[-1] if self.outputs else None
        if isinstance(last, StreamOutput) and last.name == name:
            last.end = start + size
        else:
            self.outputs.append(StreamOutput(name, start, start + size))

    def _capture(self, content: dict[str, Any]) -> None:
        """What widgets take they show themselves."""
        self.captured = True
        if content.get("begins") and self.in_cell:
            self._captors.add(str(content.get("widget")))
        else:
            self._captors.discard(str(content.get("widget")))

    def _display(self, output: RichOutput) -> None:
        self._append(output)
        if output.display_id:
            self._displays.setdefault(output.display_id, []).append(output)

    def _append(self, output: Output) -> None:
        self._clear_if_due()
        self.outputs.append(output)

    def _clear(self, *, wait: bool) -> None:
        if wait:
            self._clear_next = True
        else:
            self.outputs.clear()
            self._displays.clear()
            self._clear_next = False

    def _clear_if_due(self) -> None:
        if self._clear_next:
            self._clear(wait=False)

    def _update(self, content: dict[str, Any]) -> None:
        for output in self._displays.get(display_id_of(content) or "", ()):
            output.data = _mapping(content, "data")
            output.metadata = _mapping(content, "metadata")


def display_id_of(content: dict[str, Any]) -> str | None:
    """Return the display id under which a message displays something."""
    transient = content.get("transient")
    display_id = transient.get("display_id") if isinstance(transient, dict) else None
    return display_id if isinstance(display_id, str) else None


def _rich(kind: str, content: dict[str, Any]) -> RichOutput:
    count = content.get("execution_count")
    return RichOutput(
        kind,
        _mapping(content, "data"),
        _mapping(content, "metadata"),
        count if kind == "execute_result" and isinstance(count, int) else None,
        display_id_of(content),
    )


def _error(content: dict[str, Any]) -> ErrorOutput:
    lines = content.get("traceback")
    return ErrorOutput(
        str(content.get("ename", "")),
        str(content.get("evalue", "")),
        [str(line) for line in lines] if isinstance(lines, list) else [],
    )


def _mapping(content: dict[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}
