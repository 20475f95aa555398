"""Where output is left out: how much, and how that is marked. Pure."""

from __future__ import annotations

from typing import Any

from ..records.execution import LeftOut
from .journal import JournalView, encode_line
from .outcome import LEFT_OUT
from .outputs import stream_file
from .sink import FILES, JOURNAL, Spool

SETTING = "max_execution_output_bytes"


def left_out_line(at: str, left_out: LeftOut) -> dict[str, Any]:
    return {"t": at, "type": LEFT_OUT, "content": left_out.to_json()}


def mark(at: str, here: LeftOut, total: LeftOut, spool: Spool) -> JournalView:
    """Return what stands in a journal for what was left out of it, `here` and in `total`."""
    memory = dict.fromkeys(FILES, b"")
    lines = [left_out_line(at, total)]
    for name, size in (("stdout", here.stdout), ("stderr", here.stderr)):
        if size:
            text = f"\n[{size:,} bytes are left out here: {SETTING}]\n".encode()
            memory[stream_file(name)] = text
            lines.append({"t": at, "type": "stream", "name": name, "bytes": len(text)})
    if here.outputs:
        lines.append(_display(at, here))
    memory[JOURNAL] = b"".join(encode_line(line) for line in lines)
    return JournalView(spool, dict.fromkeys(FILES, 0), memory, 0)


def _display(at: str, here: LeftOut) -> dict[str, Any]:
    text = f"[{here.outputs:,} outputs of {here.output_bytes:,} bytes are left out here: {SETTING}]"
    content = {
        "data": {"text/plain": text},
        "metadata": {"session_export": {"left_out": here.to_json()}},
    }
    return {"t": at, "type": "display_data", "content": content}


def text_end(text: bytes, most: int) -> int:
    """Return where UTF-8 text can be cut so that at most so many bytes are before it."""
    if len(text) <= most:
        return len(text)
    end = most
    # No character has more than three bytes after its first; others are no UTF-8.
    while end > max(0, most - 3) and text[end] & 0xC0 == 0x80:
        end -= 1
    return end or most
