"""Who waits until everything is sealed as far as it was when they asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from ..records.execution import ExecutionKey
from .promise import reject, resolve

IsSealed = Callable[[ExecutionKey, int], bool]
"""(execution, changes of its journal) → whether it is sealed so far; begins to seal it if not."""


@dataclass(slots=True)
class Freeze:
    """Waits until each of these executions is sealed as far as its journal was."""

    needs: dict[ExecutionKey, int]
    done: Future[int]


class Freezes:
    """Each ends: with the record's position, or with what went wrong."""

    def __init__(self, is_sealed: IsSealed, commit: Callable[[], int]) -> None:
        self._is_sealed = is_sealed
        self._commit = commit
        self._waiting: list[Freeze] = []
        self._advancing = False

    def add(self, needs: dict[ExecutionKey, int], done: Future[int]) -> None:
        self._waiting.append(Freeze(needs, done))
        self.advance()

    def fail(self, error: Exception) -> None:
        """Tell those who wait that there will be none."""
        waiting, self._waiting = self._waiting, []
        for freeze in waiting:
            reject(freeze.done, error)

    def advance(self) -> None:
        """Resolve what has all that it needs; sealing, which this begins, may call it again."""
        if self._advancing:
            return
        self._advancing = True
        try:
            for freeze in list(self._waiting):
                if self._is_frozen(freeze):
                    position = self._commit()
                    self._waiting.remove(freeze)
                    resolve(freeze.done, position)
        except Exception as error:
            self.fail(error)
            raise
        finally:
            self._advancing = False

    def _is_frozen(self, freeze: Freeze) -> bool:
        for key, changes in list(freeze.needs.items()):
            if self._is_sealed(key, changes):
                del freeze.needs[key]
        return not freeze.needs
