"""The outputs of one run as a notebook has them, with what a page needs to go on with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..archive.widgets import Widgets, model_of
from ..errors import OutputTooLarge
from ..recording.folding import Fold, Line
from ..recording.notebook_outputs import as_notebook, displays, size_of
from ..recording.outcome import REPLY
from ..recording.refs import resolve
from ..records.execution import Status
from ..records.widgets import VIEW
from .material import Material
from .run import Run, run_of

MOST_BYTES = 64 * 1024 * 1024
"""A page, or a notebook, with more than this is of no use to anybody."""
SLICE = 1024 * 1024
"""Characters of a text that are escaped at a time, so that other threads have their turn."""
TIMES = {"execute_input": "iopub.execute_input", REPLY: "shell.execute_reply"}


@dataclass(frozen=True, slots=True)
class RunOutputs:
    """`clears_next`: the next output takes the place of all; `displays`: where ids are shown."""

    run: Run
    source: str
    outputs: list[dict[str, Any]]
    timing: dict[str, str]
    clears_next: bool
    displays: dict[str, list[int]]
    heard: list[str]

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
            "position": {"messages": self.heard},
            "clear_next": self.clears_next,
            "displays": self.displays,
        }
        yield b"]," + _json(rest)[1:-1]
        state = widgets.state(self.views)
        if state is not None:
            yield b',"widgets":' + state.encode()
        yield b"}"


def outputs_of(material: Material) -> RunOutputs:
    """Fold what a run has put out. Raises OutputTooLarge, StoreError."""
    timing: dict[str, str] = {}
    fold = Fold().take(_timed(material, timing))
    size = size_of(fold.outputs)
    if size > MOST_BYTES:
        raise OutputTooLarge(
            f"The outputs of this run are too large to be shown ({size:,} bytes).",
            "An export has them, in its folder executions/.",
        )
    execution = material.execution
    running = execution.status is Status.RUNNING
    outputs = list(
        as_notebook(
            fold.outputs,
            material.read,
            lambda value: resolve(value, material.contents),
            goes_on=running,
        )
    )
    run = run_of(execution, material.source, size)
    return RunOutputs(
        run if running else replace(run, outputs=len(outputs)),
        material.source,
        outputs,
        _complete(timing, execution.status, run),
        fold.clears_next,
        displays(fold),
        list(material.heard),
    )


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
