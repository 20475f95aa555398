"""What a kernel manager knows of its kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..records.execution import Kernel

EXTENSIONS = {"python": ".py", "bash": ".sh", "julia": ".jl", "r": ".r", "javascript": ".js"}
"""Until the kernel itself says what its scripts are called."""


@dataclass(frozen=True, slots=True)
class RunningKernel:
    """A kernel that lives; `state` is its manager's word: starting, idle, busy, dead …"""

    id: str
    name: str
    state: str

    @classmethod
    def of(cls, kernel_id: str, manager: Any, *, heard: bool, dead: bool = False) -> RunningKernel:
        """Ask its manager, which takes it for starting until a client has heard from it.

        It doesn't learn of the end of a kernel that nobody restarts.
        """
        state = "dead" if dead else str(getattr(manager, "execution_state", "unknown"))
        if heard and state == "starting":
            state = "idle"
        return cls(kernel_id, str(getattr(manager, "kernel_name", "")), state)


def describe(kernel_id: str, manager: Any) -> Kernel:
    spec = getattr(manager, "kernel_spec", None)
    language = str(getattr(spec, "language", "") or "").lower()
    extension = EXTENSIONS.get(language, ".txt")
    return Kernel(kernel_id, str(getattr(manager, "kernel_name", "")), language, extension)


def facts(kernel: Kernel, info: dict[str, Any], manager: Any = None) -> dict[str, object]:
    return {
        "name": kernel.name,
        "language": kernel.language,
        "implementation": info.get("implementation"),
        "implementation_version": info.get("implementation_version"),
        "protocol_version": info.get("protocol_version"),
        "language_info": info.get("language_info"),
        "supported_features": info.get("supported_features"),
        "debugger": _has_debugger(info, manager),
    }


def _has_debugger(info: dict[str, Any], manager: Any) -> bool | None:
    """Tell whether a debugger can be asked: bash_kernel names one, and never answers.

    None where that isn't known: the kernel has said nothing of itself.
    """
    features = info.get("supported_features")
    metadata = getattr(getattr(manager, "kernel_spec", None), "metadata", None)
    if not isinstance(metadata, dict):
        return None
    if not metadata.get("debugger"):
        return False
    return isinstance(features, list) and "debugger" in features if info else None


def pid_of(manager: Any) -> int | None:
    """Return the kernel's process on this machine; None where it has none."""
    process = getattr(getattr(manager, "provisioner", None), "process", None)
    pid = getattr(process, "pid", None)
    return pid if isinstance(pid, int) else None
