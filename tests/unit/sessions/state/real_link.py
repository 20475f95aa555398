"""A real ipykernel behind the protocol `KernelLink`, with nothing around it."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from jupyter_session_export.errors import KernelDied
from jupyter_session_export.records.execution import Kernel
from jupyter_session_export.sessions.link import Hear, Heard, Reply, ignore

SECONDS = 60.0


class RealLink:
    """Made by `start`."""

    ended: KernelDied | None = None

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient) -> None:
        self._manager = manager
        self._client = client
        self.kernel = Kernel(str(uuid.uuid4()), "python3", "python", ".py")

    @classmethod
    async def start(cls, folder: Path) -> RealLink:
        """Start a kernel that records nothing."""
        manager = AsyncKernelManager(kernel_name="python3")
        environment = {
            **os.environ,
            "IPYTHONDIR": str(folder / "ipython"),
            "JPY_SESSION_EXPORT_RECORD": "0",
        }
        await manager.start_kernel(env=environment, cwd=str(folder))
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=SECONDS)
        return cls(manager, client)

    @property
    def pid(self) -> int | None:
        provisioner: Any = self._manager.provisioner
        return int(provisioner.pid)

    async def execute(
        self,
        code: str,
        *,
        hear: Hear = ignore,
        silent: bool = False,
        store_history: bool = True,
        expressions: Mapping[str, str] | None = None,
    ) -> Reply:
        def heard(message: dict[str, Any]) -> None:
            hear(Heard(message["msg_type"], message["content"], message["metadata"]))

        reply = await self._client.execute_interactive(
            code,
            silent=silent,
            store_history=store_history and not silent,
            user_expressions=dict(expressions or {}),
            allow_stdin=False,
            timeout=SECONDS,
            output_hook=heard,
        )
        return Reply(reply["content"]["status"], reply["content"])

    async def interrupt(self) -> None:
        await self._manager.interrupt_kernel()

    async def signal(self, number: int) -> None:
        await self._manager.signal_kernel(number)

    async def restart(self) -> None:
        await self._manager.restart_kernel(now=True)
        await self._client.wait_for_ready(timeout=SECONDS)

    async def is_alive(self) -> bool:
        return await self._manager.is_alive()

    async def close(self) -> None:
        self._client.stop_channels()
        await self._manager.shutdown_kernel(now=True)
        await self._manager.cleanup_resources()

    async def run(self, code: str) -> str:
        """Run code that must end well; return what it printed."""
        texts: list[str] = []

        def hear(message: Heard) -> None:
            if message.type == "stream":
                texts.append(message.content["text"])

        reply = await self.execute(code, hear=hear)
        assert reply.status == "ok", reply.content
        await asyncio.sleep(0)
        return "".join(texts).strip()
