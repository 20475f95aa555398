"""Folded outputs as `outputs.json` and a file for each MIME type."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..records.content import Sealed
from ..records.execution import OutputFile
from .encoding import to_text
from .folding import ErrorOutput, Output, RichOutput, StreamOutput
from .naming import file_names
from .sink import STDERR, STDOUT

INLINE_TEXT_BYTES = 256 * 1024
"""Longer stream text is a range of the stream's file."""
INLINE_TOTAL_BYTES = 1024 * 1024
"""So is all text that would make one execution's inline text longer than this."""
FOLDER = "outputs"

ReadStream = Callable[[str, int, int], bytes]
"""(file, start, end) → that range of stdout.txt or stderr.txt."""
SealValue = Callable[[str, Any], tuple[str, Sealed]]
"""(MIME type, value or reference) → its payload encoding and sealed file."""


@dataclass(slots=True)
class RenderedOutputs:
    """`document` is what outputs.json says; `files` are the sealed files it refers to."""

    document: list[dict[str, Any]] = field(default_factory=list)
    files: list[tuple[OutputFile, Sealed]] = field(default_factory=list)
    inline_bytes: int = 0


def render(
    outputs: list[Output], read_stream: ReadStream, seal_value: SealValue
) -> RenderedOutputs:
    """Return the outputs in the form that the ZIP has."""
    rendered = RenderedOutputs()
    for number, output in enumerate(outputs, 1):
        if isinstance(output, StreamOutput):
            rendered.document.append(_stream(output, read_stream, rendered))
        elif isinstance(output, ErrorOutput):
            rendered.document.append(error_document(output))
        else:
            rendered.document.append(_rich(number, output, seal_value, rendered.files))
    return rendered


def to_document(value: Any) -> bytes:
    """Write JSON for people; escapes non-ASCII only where it is no valid Unicode."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value, indent=1).encode() + b"\n"


def stream_file(name: str) -> str:
    return STDERR if name == "stderr" else STDOUT


def _stream(
    output: StreamOutput, read_stream: ReadStream, rendered: RenderedOutputs
) -> dict[str, Any]:
    file = stream_file(output.name)
    size = output.end - output.start
    text: Any = {"$ref": file, "start": output.start, "end": output.end}
    if size <= INLINE_TEXT_BYTES and rendered.inline_bytes + size <= INLINE_TOTAL_BYTES:
        rendered.inline_bytes += size
        text = to_text(read_stream(file, output.start, output.end))
    return {"output_type": "stream", "name": output.name, "text": text}


def error_document(output: ErrorOutput) -> dict[str, Any]:
    """Return an error in nbformat's layout."""
    return {
        "output_type": "error",
        "ename": output.name,
        "evalue": output.value,
        "traceback": output.traceback,
    }


def _rich(
    number: int,
    output: RichOutput,
    seal_value: SealValue,
    files: list[tuple[OutputFile, Sealed]],
) -> dict[str, Any]:
    sealed = {mime: seal_value(mime, value) for mime, value in output.data.items()}
    names = file_names(number, [(mime, encoding) for mime, (encoding, _) in sealed.items()])
    document: dict[str, Any] = {"output_type": output.type, "data": {}}
    for mime, (_, content) in sealed.items():
        file = f"{FOLDER}/{names[mime]}"
        document["data"][mime] = {"$ref": file}
        files.append((OutputFile(output.type, mime, file, content.size), content))
    document["metadata"] = output.metadata
    if output.type == "execute_result":
        document["execution_count"] = output.execution_count
    if output.display_id:
        document["transient"] = {"display_id": output.display_id}
    return document
