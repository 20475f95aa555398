"""Boundaries at which the errors of others become ours, once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType

from .errors import SessionExportError


class Faults(ABC):
    """Context manager: what `translated` knows leaves it as ours, all else as it is.

    `doing` completes "Could not …".
    """

    __slots__ = ("_doing",)

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ours = None if error is None else self.translated(error)
        if ours is not None:
            raise ours from error

    @abstractmethod
    def translated(self, error: BaseException) -> SessionExportError | None:
        """Return our error for one of somebody else's; None where it isn't for this boundary."""
