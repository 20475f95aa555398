"""The outputs of one run as a notebook has them, with what a page needs to go on with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..archive.widgets import Widgets, model_of
from ..errors import OutputTooLarge
from ..recording.folding import Fold, Line
from ..recording.live import MOST_HEARD
from ..recording.notebook_outputs import as_notebook, displays, size_of
from ..recording.outcome import REPLY
from ..recording.refs import resolve
from ..records.execution import Execution, Status
from ..records.widgets import VIEW
from .material import Material
from .run import Run, run_of

MOST_BYTES = 64 * 1024 * 1024
"""Shown: a page, or a notebook, with more than this is of no use to anybody."""
MOST_READ = 256 * 1024 * 1024
"""As they came: a progress bar that was drawn for weeks shows little, but takes long to read."""
SLICE = 1024 * 1024
"""Characters of a text that are escaped at a time, so that other threads have their turn."""
TIMES = {"execute_input": "iopub.execute_input", REPLY: "shell.execute_reply"}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page goes on. `cursor`: where in the last stream's text its next character goes.

    `heard` has ids and dates of the last messages that are in it; `clears_next` tells that the
    next output takes the place of all, `displays` at which places each display id is shown.
    """

    heard: Sequence[tuple[str, str]] = ()
    cursor: int | None = None
    clears_next: bool = False
    displays: Mapping[str, list[int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the contract's `position`."""
        more = len(self.heard) >= MOST_HEARD
        return {
            "messages": [msg_id for msg_id, _ in self.heard],
            "count": len(self.heard),
            "oldest_date": self.heard[0][1] if more else None,
            "cursor": self.cursor,
            "clear_pending": self.clears_next,
        }


@dataclass(frozen=True, slots=True)
class RunOutputs:
    """A run: its source, its outputs in nbformat's layout, its times by JupyterLab's names.

    `size` is that of what is shown, in characters of texts and bytes of values.
    """

    run: Run
    source: str
    outputs: list[dict[str, Any]]
    timing: dict[str, str]
    position: Position = Position()
    size: int = 0
    question: dict[str, Any] | None = None
    """What it waits for a person to answer."""

    @property
    def views(self) -> list[str]:
        """The models of widgets that it shows."""
        shown = (output["data"].get(VIEW) for output in self.outputs if "data" in output)
        return [model for model in map(model_of, shown) if model is not None]

    def in_kernels(self, incarnations: Mapping[str, int]) -> RunOutputs:
        """Return it with what is known of the kernels that are alive."""
        return replace(self, run=self.run.in_kernels(incarnations))

    def chunks(self, widgets: Widgets) -> Iterator[bytes]:
        """Yield the contract's JSON in pieces."""
        yield b'{"run":' + _json(self.run.to_json()) + b',"outputs":['
        for number, output in enumerate(self.outputs):
            yield b"," * bool(number)
            yield from _output(output)
        rest: dict[str, Any] = {
            "metadata": {"execution": self.timing},
            "position": self.position.to_json(),
            "displays": self.position.displays,
            "question": self.question,
        }
        yield b"]," + _json(rest)[1:-1]
        state = widgets.state(self.views)
        if state is not None:
            yield b',"widgets":' + state.encode()
        yield b"}"


def outputs_of(material: Material, most: int = MOST_BYTES) -> RunOutputs:
    """Fold what a run has put out. Raises OutputTooLarge where it shows more, StoreError."""
    timing: dict[str, str] = {}
    fold = Fold(in_cell=True).take(_timed(material, timing))
    size = size_of(fold.outputs)
    if size > MOST_READ:
        raise OutputTooLarge(
            f"The outputs of this run are too large to be shown ({size:,} bytes).",
            "An export has them, in its folder executions/.",
        )
    execution, contents = material.execution, material.contents
    shapes = list(
        as_notebook(
            fold.outputs,
            material.read,
            lambda value: resolve(value, contents),
            min(most, MOST_BYTES),
        )
    )
    run = run_of(execution, material.source, size)
    if execution.status is not Status.RUNNING:
        run = replace(run, outputs=len(shapes))
    cursor = shapes[-1].cursor if shapes else None
    position = Position(material.heard, cursor, fold.clears_next, displays(fold))
    outputs = [shape.document for shape in shapes]
    timing = _complete(timing, execution.status, run)
    shown = sum(shape.size for shape in shapes)
    question = question_of(execution)
    return RunOutputs(run, material.source, outputs, timing, position, shown, question)


def question_of(execution: Execution) -> dict[str, Any] | None:
    """Return what a person is asked that has no answer yet; `number` counts those before it."""
    if execution.status is not Status.RUNNING or not execution.inputs:
        return None
    asked = execution.inputs[-1]
    if asked.answered:
        return None
    number = len(execution.inputs) - 1
    return {"number": number, "prompt": asked.prompt, "password": asked.password}


def _timed(material: Material, timing: dict[str, str]) -> Iterator[Line]:
    """Yield the lines; note their times as JupyterLab keeps them in a cell's metadata."""
    for line in material.lines:
        name = TIMES.get(line.get("type", ""))
        if line.get("type") == "status":
            name = f"iopub.status.{line['content'].get('execution_state')}"
        if name is not None:
            timing[name] = line.get("date") or line["t"]
        yield line


def _complete(timing: dict[str, str], status: Status, run: Run) -> dict[str, str]:
    """Add when it ended, where no reply was seen; what was lost has failed, as JupyterLab says."""
    idle = timing.get("iopub.status.idle")
    if idle is not None:
        timing.setdefault(TIMES[REPLY], idle)
    at = run.to_json()["finished_at"]
    return {**timing, "execution_failed": at} if status is Status.LOST and at else timing


def _output(output: dict[str, Any]) -> Iterator[bytes]:
    text = output.get("text")
    if not isinstance(text, str) or len(text) <= SLICE:
        yield _json(output)
        return
    yield _json({**output, "text": ""})[:-2]
    for at in range(0, len(text), SLICE):
        yield _json(text[at : at + SLICE])[1:-1]
    yield b'"}'


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
