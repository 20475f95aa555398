"""What a kernel publishes while it runs code becomes events, and the outputs of a result."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..recording.encoding import to_bytes, to_text
from ..recording.folding import ErrorOutput, Fold, Output, StreamOutput
from ..records.timing import CellTiming
from ..records.usage import Told
from . import events
from .link import Heard

MOST_BYTES = 64 * 2**20
"""Of a run's output that is kept in memory."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Some kernels paint their results."""
SHOWN = ("execute_result", "display_data", "update_display_data", "error")


class Gathering:
    """Hears one run. Pure but for `emit`."""

    def __init__(self, emit: Callable[[events.Event], None], most_bytes: int = MOST_BYTES) -> None:
        self.usage: Told | None = None
        self.timing: CellTiming | None = None
        self.left_out = 0
        self._emit = emit
        self._room = most_bytes
        self._fold = Fold()
        self._streams = {"stdout": bytearray(), "stderr": bytearray()}

    def hear(self, heard: Heard) -> None:
        """Take a message."""
        if heard.type == "stream":
            self._print(str(heard.content.get("name")), str(heard.content.get("text", "")))
        elif heard.type in SHOWN:
            self._show(heard.type, heard.content)
        elif heard.type == "clear_output":
            self._fold.take([_line(heard.type, heard.content)])
        elif heard.type == "status" and heard.content.get("execution_state") == "idle":
            metadata = dict(heard.metadata)
            self.usage, self.timing = Told.by(metadata), CellTiming.by(metadata)

    def stream(self, name: str) -> str:
        """Return all that was written to `stdout` or `stderr`."""
        return to_text(self._streams[name])

    @property
    def output_bytes(self) -> int:
        return sum(map(len, self._streams.values()))

    def outputs(self) -> list[dict[str, Any]]:
        """Return the outputs in nbformat's form, as a notebook would show them."""
        return [self._rendered(output) for output in self._fold.outputs]

    def _print(self, name: str, text: str) -> None:
        kept = self._streams["stderr" if name == "stderr" else "stdout"]
        data = to_bytes(text)
        if self._take(len(data)):
            kept += data
            self._fold.take([{"type": "stream", "name": name, "bytes": len(data)}])
        self._emit(events.Stderr(text) if name == "stderr" else events.Stdout(text))

    def _show(self, kind: str, content: Mapping[str, Any]) -> None:
        if self._take(_size(content)):
            self._fold.take([_line(kind, content)])
        shown = Fold().take([_line(kind.removeprefix("update_"), content)])
        self._emit(events.Output(self._rendered(shown.outputs[0])))

    def _take(self, size: int) -> bool:
        """Tell whether there is room for so much more."""
        if size > self._room:
            self._room = 0
            self.left_out += size
            return False
        self._room -= size
        return True

    def _rendered(self, output: Output) -> dict[str, Any]:
        if isinstance(output, StreamOutput):
            data = self._streams["stderr" if output.name == "stderr" else "stdout"]
            text = to_text(data[output.start : output.end])
            return {"output_type": "stream", "name": output.name, "text": text}
        if isinstance(output, ErrorOutput):
            return {
                "output_type": "error",
                "ename": output.name,
                "evalue": output.value,
                "traceback": output.traceback,
            }
        rendered: dict[str, Any] = {
            "output_type": output.type,
            "data": output.data,
            "metadata": output.metadata,
        }
        if output.type == "execute_result":
            rendered["execution_count"] = output.execution_count
        return rendered


def last_text(outputs: list[dict[str, Any]]) -> str:
    """Return the plain text of the last result, or of the last display where there is none."""
    for kind in ("execute_result", "display_data"):
        for output in reversed(outputs):
            if output["output_type"] == kind:
                text = output["data"].get("text/plain", "")
                return _COLOURS.sub("", text if isinstance(text, str) else "".join(text))
    return ""


def _line(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "content": dict(content)}


def _size(content: Mapping[str, Any]) -> int:
    data = content.get("data")
    values = data.values() if isinstance(data, dict) else content.values()
    return sum(len(value) if isinstance(value, str) else len(str(value)) for value in values)
