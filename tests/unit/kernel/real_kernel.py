"""A real ipykernel, and what it published for each execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

SECONDS = 30


@dataclass
class Published:
    """The reply's status and the messages of one execution, in order."""

    msg_id: str
    status: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    def of(self, *types: str) -> list[dict[str, Any]]:
        return [each["content"] for each in self.messages if each["msg_type"] in types]

    def text(self, name: str) -> str:
        return "".join(each["text"] for each in self.of("stream") if each["name"] == name)


class RealKernel:
    """A kernel that has loaded our extension."""

    def __init__(self, connection_file: str, environment: dict[str, str], folder: str) -> None:
        self.manager = KernelManager(kernel_name="python3", connection_file=connection_file)
        self.manager.start_kernel(env=environment, cwd=folder)
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)
        self.run("%load_ext jupyter_session_export")

    def begin(self, code: str) -> Published:
        return Published(self.client.execute(code))

    def published(self, run: Published, until: str) -> None:
        """Read what is published until a message of this type, or idle."""
        while True:
            message = self.client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") != run.msg_id:
                continue
            run.messages.append(message)
            idle = message["content"].get("execution_state") == "idle"
            if idle or message["msg_type"] == until:
                return

    def end(self, run: Published) -> Published:
        self.published(run, until="idle")
        reply = self.client.get_shell_msg(timeout=SECONDS)
        while reply["parent_header"].get("msg_id") != run.msg_id:
            reply = self.client.get_shell_msg(timeout=SECONDS)
        run.status = reply["content"]["status"]
        return run

    def run(self, code: str) -> Published:
        return self.end(self.begin(code))

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
