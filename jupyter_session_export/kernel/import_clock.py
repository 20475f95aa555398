"""How long cold imports take: those that find and run a module for the first time."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MOST_SPANS = 10_000
_STEPS = ("create_module", "exec_module")


class ImportClock(MetaPathFinder):
    """A finder that finds nothing itself; it times those behind it, and what they load.

    Modules that are imported already never come here, so a cell that imports nothing new pays
    nothing. Only the thread that made it is timed. What imports within imports is not counted
    twice.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._thread = threading.get_ident()
        self._before = 0.0
        self._spans: list[tuple[float, float]] = []

    def install(self) -> None:
        """Come before all other finders."""
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Be no finder any more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    @property
    def seconds(self) -> float:
        """All seconds so far."""
        spent = self._before + sum(end - start for start, end in self._spans)
        if threading.get_ident() == self._thread:
            # Whoever asks in this thread is no import; so none of them lies within another.
            self._before, self._spans = spent, []
        return spent

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if threading.get_ident() != self._thread:
            return None
        start = self._clock()
        try:
            spec = self._find(fullname, path, target)
        finally:
            self._note(start)
        if spec is not None:
            self._time_loading(spec.loader)
        return spec

    def _find(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        # Those that came before this one later on have been asked already.
        behind = itertools.dropwhile(lambda finder: finder is not self, [*sys.meta_path])
        for finder in itertools.islice(behind, 1, None):
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is not None:
                return spec
        return None

    def _time_loading(self, loader: Any) -> None:
        """Time the steps of a loader once; loaders that are shared or sealed go untimed."""
        own = getattr(loader, "__dict__", None)
        if not isinstance(own, dict) or isinstance(loader, type):
            return
        for step in _STEPS:
            load = getattr(loader, step, None)
            if load is not None and step not in own:
                own[step] = self._timed(own, step, load)

    def _timed(self, own: dict[str, Any], step: str, load: Callable[..., Any]) -> Any:
        def timed(argument: Any) -> Any:
            # The loader is again what it was, whoever looks at it from now on.
            own.pop(step, None)
            start = self._clock()
            try:
                return load(argument)
            finally:
                if threading.get_ident() == self._thread:
                    self._note(start)

        return timed

    def _note(self, start: float) -> None:
        """Take in a span that ends now; what lies within it was noted before."""
        spans = self._spans
        while spans and spans[-1][0] >= start:
            spans.pop()
        if len(spans) < MOST_SPANS:
            spans.append((start, self._clock()))
