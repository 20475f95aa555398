"""A client of our own that listens to a kernel beside the page."""

from __future__ import annotations

import queue
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient


@dataclass
class Heard:
    """What a kernel sent for one execute request."""

    source: str = ""
    streams: dict[str, bytes] = field(default_factory=dict)
    data: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None


class Listener:
    """Collects all that a kernel publishes, by the request it belongs to."""

    def __init__(self, runtime: Path, kernel_id: str) -> None:
        self._client = BlockingKernelClient()
        self._client.load_connection_file(str(runtime / f"kernel-{kernel_id}.json"))
        self._heard: dict[str, Heard] = {}

    def __enter__(self) -> Listener:
        self._client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=True)
        self._client.wait_for_ready(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()

    def hear(self, count: int) -> dict[str, Heard]:
        """Listen until `count` execute requests have ended; return them by msg_id."""
        ended = 0
        while ended < count:
            try:
                message = self._client.get_iopub_msg(timeout=60)
            except queue.Empty:
                raise AssertionError(f"heard the end of {ended} of {count} executions") from None
            parent = message["parent_header"]
            if parent.get("msg_type") != "execute_request":
                continue
            heard = self._heard.setdefault(parent["msg_id"], Heard())
            self._take(heard, message["msg_type"], message["content"])
            ended += (
                message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
            )
        return self._heard

    @staticmethod
    def _take(heard: Heard, kind: str, content: dict[str, Any]) -> None:
        if kind == "execute_input":
            heard.source = content["code"]
        elif kind == "stream":
            name = content["name"]
            heard.streams[name] = heard.streams.get(name, b"") + content["text"].encode()
        elif kind in ("display_data", "execute_result"):
            heard.data.append(content["data"])
        elif kind == "error":
            heard.error = content
