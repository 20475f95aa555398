"""A kernel that is only its messages: signed frames, handled by a recorder without threads."""

from __future__ import annotations

import time
from typing import Any

from jupyter_client.session import Session

from jupyter_session_export.recording.channels import Channels
from jupyter_session_export.recording.queue import Packet
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.execution import Kernel

KEY = b"a key of the kernel's own"
CHANNELS = Channels("tcp://127.0.0.1:1", "tcp://127.0.0.1:2", KEY)


class FedKernel:
    """Makes a kernel's messages and gives them to a recorder as packets."""

    def __init__(self, recorder: Recorder, session_id: str, kernel_id: str = "k1") -> None:
        self.id = kernel_id
        self.recorder = recorder
        self._session = Session(key=KEY)
        self._parents: dict[str, dict[str, Any]] = {}
        kernel = Kernel(kernel_id, "python3", "python", ".py")
        recorder.kernels.add(kernel, session_id, CHANNELS)

    def parent(self, msg_id: str, client: str | None = None) -> None:
        """Make the request that messages answer; a client's own, if one is named."""
        header = self._session.msg("execute_request")["header"]
        sender = client or header["session"]
        self._parents[msg_id] = {**header, "msg_id": msg_id, "session": sender}

    def frames(self, msg_id: str, msg_type: str, content: dict[str, Any]) -> list[bytes]:
        if msg_id not in self._parents:
            self.parent(msg_id)
        message = self._session.msg(msg_type, content, parent=self._parents[msg_id])
        return [b"topic", *self._session.serialize(message)]

    def send(self, msg_id: str, msg_type: str, at: float | None = None, **content: Any) -> None:
        frames = self.frames(msg_id, msg_type, content)
        self.put(frames, at)

    def put(self, frames: list[bytes], at: float | None = None) -> None:
        packet = Packet(self.id, frames, at or time.time(), sum(map(len, frames)))
        self.recorder._queue.put([packet])

    def busy(self, msg_id: str, code: str | None = "code", count: int = 1) -> None:
        self.send(msg_id, "status", execution_state="busy")
        if code is not None:
            self.send(msg_id, "execute_input", code=code, execution_count=count)

    def idle(self, msg_id: str) -> None:
        self.send(msg_id, "status", execution_state="idle")

    def stream(self, msg_id: str, text: str, name: str = "stdout") -> None:
        self.send(msg_id, "stream", name=name, text=text)

    def show(self, msg_id: str, text: str, display_id: str | None = None, **more: Any) -> None:
        transient = {"display_id": display_id} if display_id else {}
        msg_type = more.pop("msg_type", "display_data")
        self.send(
            msg_id,
            msg_type,
            data={"text/plain": text, **more},
            metadata={},
            transient=transient,
        )

    def run(self, msg_id: str, text: str = "", code: str = "code") -> None:
        """Execute from busy to idle."""
        self.busy(msg_id, code)
        if text:
            self.stream(msg_id, text)
        self.idle(msg_id)
