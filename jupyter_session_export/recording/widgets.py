"""Folds comm messages into the models of a kernel's widgets, as a front end would save them. Pure.

Messages: https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/messages.md
"""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ..records.widgets import MOST_BYTES, MOST_MODELS, UNKNOWN, WidgetModel, references_in
from .wire import Message

TARGET = "jupyter.widget"
LEFT_OUT_MARK = "session_export"
"""A comm whose metadata or state has this, and it is true, is not recorded, nor what it shows."""
CHANGES = ("update", "echo_update")
SECRET_MODEL = '"PasswordModel"'  # noqa: S105  # the name of a widget, as JSON
MOST_MODEL_BYTES = 4 * 1024 * 1024
MOST_LEFT_OUT = 10_000
MOST_EXECUTIONS = 1000


class Model:
    """The state of one model: each value as JSON, binary ones by their path."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.buffers: dict[tuple[str | int, ...], bytes] = {}
        self.executions: set[int] = set()
        self.changed_at: datetime | None = None

    @property
    def size(self) -> int:
        """About as many bytes as its document has."""
        texts = sum(len(name) + len(value) + 4 for name, value in self.values.items())
        return texts + sum(len(buffer) * 4 // 3 + 64 for buffer in self.buffers.values())

    def update(self, data: dict[str, Any], buffers: list[bytes]) -> None:
        """Take in the values that a message carries."""
        state = data.get("state")
        values = state if isinstance(state, dict) else {}
        binary = {path: buffer for path, buffer in zip(_paths(data), buffers, strict=False) if path}
        renewed = {*values, *(str(path[0]) for path in binary)}
        for path in [path for path in self.buffers if path[0] in renewed]:
            del self.buffers[path]
        for name in renewed:
            self.values.pop(name, None)
        for name, value in values.items():
            text = _to_json(value)
            if text is not None:
                self.values[name] = text
        self.buffers |= {path: bytes(buffer) for path, buffer in binary.items()}
        if self.values.get("_model_name") == SECRET_MODEL:
            self.values["value"] = '""'

    def touch(self, execution: int | None, at: datetime) -> None:
        """Note who changed it, and when."""
        self.changed_at = at
        if execution is not None:
            self.executions.add(execution)
        if len(self.executions) > MOST_EXECUTIONS:
            self.executions = {UNKNOWN}

    def references(self) -> Iterator[str]:
        """Yield the ids of the models that it shows."""
        for value in self.values.values():
            yield from references_in(value)

    def document(self) -> str:
        """Return what a notebook's metadata has of it, as JSON in ASCII."""
        state = ",".join(f"{json.dumps(name)}:{value}" for name, value in self.values.items())
        names = ("model_name", "model_module", "model_module_version")
        about = ",".join(f'"{name}":{json.dumps(self._meta(f"_{name}"))}' for name in names)
        buffers = [
            {"path": list(path), "encoding": "base64", "data": base64.b64encode(data).decode()}
            for path, data in self.buffers.items()
        ]
        tail = f',"buffers":{json.dumps(buffers)}' if buffers else ""
        return f'{{{about},"state":{{{state}}}{tail}}}'

    def _meta(self, name: str) -> Any:
        text = self.values.get(name)
        return None if text is None else json.loads(text)


class WidgetFold:
    """The models of one kernel, over all its incarnations: a restart leaves them as they were."""

    def __init__(self, kernel_id: str) -> None:
        self.kernel_id = kernel_id
        self.models: OrderedDict[str, Model] = OrderedDict()
        self.size = 0
        self._changed: dict[str, None] = {}
        self._gone: dict[str, None] = {}
        self._left_out: OrderedDict[str, None] = OrderedDict()

    def take(self, message: Message, execution: int | None, at: datetime) -> None:
        """Take a comm message; `execution` is the number of the one that it came with."""
        comm_id, data = message.content.get("comm_id"), message.content.get("data")
        if not isinstance(comm_id, str) or comm_id in self._left_out:
            return
        if message.type == "comm_close":
            self._remove(comm_id)
        elif isinstance(data, dict) and message.type == "comm_open":
            if message.content.get("target_name") == TARGET:
                self._open(comm_id, message, UNKNOWN if execution is None else execution, at)
        elif isinstance(data, dict) and data.get("method") in CHANGES and comm_id in self.models:
            self._update(comm_id, message, execution, at)

    def changes(self) -> tuple[list[WidgetModel], list[str]]:
        """Return the models that changed since they were written, and the ids of those gone."""
        changed = [self._frozen(id_, self.models[id_]) for id_ in self._changed]
        return changed, list(self._gone)

    def note_written(self) -> None:
        """Note that all changes are kept."""
        self._changed, self._gone = {}, {}

    def note_lost(self) -> None:
        """Note that what was written may not have been kept: all of it counts as changed."""
        self._changed = dict.fromkeys(self.models)

    def forget(self, comm_id: str) -> None:
        """Drop a model that was purged; what else is told of it means nothing."""
        self._remove(comm_id)
        self._gone.pop(comm_id, None)

    def _open(self, comm_id: str, message: Message, execution: int, at: datetime) -> None:
        data = message.content["data"]
        marks = [message.metadata, message.content.get("metadata"), data.get("state")]
        if any(isinstance(one, dict) and one.get(LEFT_OUT_MARK) is True for one in marks):
            shown = Model()
            shown.update(data, [])
            self._leave_out(comm_id, shown)
            return
        self._remove(comm_id)
        self._gone.pop(comm_id, None)
        self.models[comm_id] = Model()
        self._update(comm_id, message, execution, at)

    def _update(self, comm_id: str, message: Message, execution: int | None, at: datetime) -> None:
        model = self.models[comm_id]
        before = model.size
        model.update(message.content["data"], message.buffers)
        model.touch(execution, at)
        self.size += model.size - before
        self._changed[comm_id] = None
        if model.size > MOST_MODEL_BYTES:
            self._ignore(comm_id)
            self._remove(comm_id)
        while self.size > MOST_BYTES or len(self.models) > MOST_MODELS:
            self._remove(next(iter(self.models)))

    def _leave_out(self, comm_id: str, model: Model) -> None:
        """Leave out a model that says so, with what it is made of, which was opened before it."""
        self._ignore(comm_id)
        for part in set(model.references()):
            known = self.models.get(part)
            if known is not None:
                self._remove(part)
                self._leave_out(part, known)

    def _ignore(self, comm_id: str) -> None:
        self._left_out[comm_id] = None
        while len(self._left_out) > MOST_LEFT_OUT:
            self._left_out.popitem(last=False)

    def _remove(self, comm_id: str) -> None:
        model = self.models.pop(comm_id, None)
        if model is not None:
            self.size -= model.size
            self._changed.pop(comm_id, None)
            self._gone[comm_id] = None

    def _frozen(self, comm_id: str, model: Model) -> WidgetModel:
        assert model.changed_at is not None  # noqa: S101  # narrows for mypy: it was opened
        return WidgetModel(
            self.kernel_id,
            comm_id,
            model.document(),
            frozenset(model.executions),
            model.changed_at,
        )


def _paths(data: dict[str, Any]) -> Iterator[tuple[str | int, ...]]:
    """Yield where a message's buffers belong; an empty path where that makes no sense."""
    paths = data.get("buffer_paths")
    for path in paths if isinstance(paths, list) else ():
        fits = isinstance(path, list) and all(isinstance(step, (str, int)) for step in path)
        yield tuple(path) if fits and path and isinstance(path[0], str) else ()


def _to_json(value: Any) -> str | None:
    """Write a value; None for what no reader of JSON takes, as NaN."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError):
        return None
