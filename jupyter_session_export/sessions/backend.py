"""Where sessions run: the protocol `Backend`, and what each session has of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ..records.finding import Insights
from .link import KernelLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a session is to be. `kernel` is a kernelspec's name and goes before `language`.

    `cwd` None stands for a folder of the session's own; `lifetime` is in seconds, 0 without end.
    """

    language: str = "python"
    kernel: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    name: str | None = None
    lifetime: float = 3600.0


@dataclass(frozen=True, slots=True)
class Known:
    """A session that a backend has; `own` ones were made by this process."""

    id: str
    name: str | None
    language: str
    created_at: datetime
    state: str


Report = Callable[[int, int], None]
"""Called with how many bytes are done, and how many there are."""


class SessionFiles(Protocol):
    """The files of a session, by paths below its folder, or absolute ones where it allows those.

    Each raises InvalidName for a path that leads out of the folder.
    """

    async def digest(self, path: str) -> str | None:
        """Return the SHA-256 of a file's content; None where there is none."""

    async def write(self, path: str, content: BinaryIO, size: int, report: Report) -> None:
        """Write a file whole or not at all, in chunks; folders are made."""

    async def read(self, path: str, into: BinaryIO, report: Report) -> None:
        """Read a file in chunks. Raises FileMissing."""

    async def list(self, folder: str = "") -> Sequence[str]:
        """Return the paths of all files below a folder."""


class Place(Protocol):
    """A session as its backend holds it; its kernel may be exchanged for a new one."""

    @property
    def id(self) -> str:
        """The session's id: 32 hex digits."""

    @property
    def link(self) -> KernelLink:
        """The kernel that it has now."""

    @property
    def files(self) -> SessionFiles:
        """Its files."""

    async def renew(self) -> KernelLink:
        """Give the session a fresh kernel, after its old one was closed; return that."""

    async def export(self, path: Path, options: Mapping[str, Any]) -> Path:
        """Write the session's ZIP. Raises NotSupported where nothing is recorded."""

    async def insights(self) -> Insights:
        """Return what can be said of where the time went so far."""

    async def close(self) -> None:
        """End the session: its kernel, then its recording. More than once does no harm."""


class Backend(Protocol):
    """Begins sessions, finds them, and lets go of them."""

    async def begin(self, wanted: Wanted) -> Place:
        """Begin a session. Raises KernelNotInstalled, KernelStartFailed."""

    async def find(self, session_id: str) -> Place:
        """Return a session that runs, of whatever process. Raises SessionNotFound."""

    async def list(self) -> Sequence[Known]:
        """Return the sessions that run."""

    async def close(self) -> None:
        """Let go of everything; sessions that live here end."""
