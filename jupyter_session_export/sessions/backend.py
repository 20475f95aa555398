"""Where sessions run: the protocol `Backend`, and what each session has of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from typing import BinaryIO, Protocol

from ..client.delivery import Delivered
from ..client.destination import Destination
from ..client.job import Progress, Request
from .ground import Ground
from .link import KernelLink

Content = bytes | str | PathLike[str]
"""Of a file to be sent: bytes are the content itself, all else names a file of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a session is to be. `kernel` is a kernelspec's name and goes before `language`.

    `cwd` None stands for a folder of the session's own; `absolute_paths` are those that files may
    have outside of it. `packages` are installed, and `files` of this machine sent, by their paths
    in the session, before anything runs. `lifetime` is in seconds, 0 without end.
    """

    language: str = "python"
    kernel: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    absolute_paths: bool = False
    packages: tuple[str, ...] = ()
    files: Mapping[str, Content] = field(default_factory=dict)
    name: str | None = None
    lifetime: float = 3600.0


@dataclass(frozen=True, slots=True)
class Known:
    """A session that a backend has."""

    id: str
    name: str | None
    language: str
    created_at: datetime


Report = Callable[[int, int], None]
"""Called with how many bytes are done, and how many there are."""


class SessionFiles(Protocol):
    """The files of a session, by paths below its folder, or absolute ones where it allows those.

    Each raises InvalidName for a path that leads out of the folder.
    """

    async def digests(self, paths: Sequence[str]) -> dict[str, str | None]:
        """Return the SHA-256 of each file's content; None where there is no file."""

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

    @property
    def ground(self) -> Ground | None:
        """What it has on this machine; None where its kernel is elsewhere."""

    @property
    def gone(self) -> bool:
        """Whether somebody else has shut its kernel down, which is its end."""

    async def renew(self) -> KernelLink:
        """Give the session a fresh kernel, after its old one was closed; return that."""

    async def restart(self) -> None:
        """Start its kernel anew, with the same environment and folder.

        Raises KernelStartFailed.
        """

    @property
    def known(self) -> Known:
        """What a list tells of it."""

    async def export(
        self, request: Request, destination: Destination, report: Callable[[Progress], object]
    ) -> Delivered:
        """Write the session's ZIP. Raises NotSupported where nothing is recorded."""

    async def close(self) -> None:
        """End the session: its kernel, then its recording. More than once does no harm."""

    async def abandon(self) -> None:
        """End a session that nobody ever had, and leave nothing of it."""


class Backend(Protocol):
    """Begins sessions, finds them, and lets go of them."""

    async def begin(self, wanted: Wanted) -> Place:
        """Begin a session; never cancelled. Raises KernelNotInstalled, KernelStartFailed."""

    async def find(self, session_id: str) -> Place:
        """Return a session that runs, of whatever process. Raises SessionNotFound."""

    async def list(self) -> Sequence[Known]:
        """Return the sessions that run."""

    async def close(self) -> None:
        """Let go of everything; sessions that live here end."""
