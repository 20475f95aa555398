"""What every session asks of its kernel, wherever that runs: the protocol `KernelLink`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ..errors import KernelDied
from ..records.execution import Kernel


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that a kernel publishes while it executes, such as `stream` or `display_data`."""

    type: str
    content: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """How an execution ended: `ok`, `error` or `aborted`.

    `content` is that of the execute_reply; `expressions` are those of it that were asked for,
    each as its `text/plain`.
    """

    status: str
    content: Mapping[str, Any]

    @property
    def execution_count(self) -> int | None:
        count = self.content.get("execution_count")
        return count if isinstance(count, int) else None

    @property
    def expressions(self) -> dict[str, str]:
        told = self.content.get("user_expressions") or {}
        return {
            name: str(value["data"].get("text/plain", ""))
            for name, value in told.items()
            if value.get("status") == "ok"
        }


Hear = Callable[[Heard], None]
"""Called on the event loop for each message, in order; must not block nor raise."""


def ignore(_: Heard) -> None:
    """Hear nothing."""


def replaced() -> KernelDied:
    """Tell that a kernel runs, but not the one that the session began."""
    return KernelDied("Somebody else has restarted the kernel.", "Its variables are gone.")


def told_by(kernel: Kernel, info: Mapping[str, Any]) -> Kernel:
    """Return a kernel with the language that its kernel_info_reply says."""
    language = info.get("language_info") or {}
    return replace(
        kernel,
        language=str(language.get("name") or kernel.language),
        file_extension=str(language.get("file_extension") or kernel.file_extension),
    )


class KernelLink(Protocol):
    """One kernel and the way to it. All of it runs on one event loop.

    Executions of several callers are done in the order in which they were asked for.
    """

    @property
    def kernel(self) -> Kernel:
        """Id, kernelspec's name, language and file extension."""

    @property
    def pid(self) -> int | None:
        """The kernel's process on this machine; None where it runs elsewhere."""

    @property
    def busy(self) -> bool:
        """Whether it executes something, whoever has asked for that; as far as it has told."""

    @property
    def connection_file(self) -> str | None:
        """The file by which Jupyter's clients reach the kernel; None where it has none here."""

    async def execute(
        self,
        code: str,
        *,
        hear: Hear = ignore,
        silent: bool = False,
        store_history: bool = True,
        expressions: Mapping[str, str] | None = None,
    ) -> Reply:
        """Run code to its end; a `silent` one is no part of the record.

        To be cancelled is to stop listening: the kernel goes on. Raises KernelDied.
        """

    async def interrupt(self) -> None:
        """Interrupt what runs."""

    async def signal(self, number: int) -> None:
        """Send a signal to the kernel's process group. Raises NotSupported where there is none."""

    async def restart(self) -> None:
        """Start the kernel anew, without its variables; what runs ends with KernelDied.

        Raises KernelStartFailed.
        """

    @property
    def ended(self) -> KernelDied | None:
        """How it has ended unasked, as far as that is known; None once it was started anew."""

    async def is_alive(self) -> bool:
        """Find out whether there is a process, be it stopped by a signal or not."""

    async def close(self) -> None:
        """End the kernel and let go of it; more than once does no harm."""
