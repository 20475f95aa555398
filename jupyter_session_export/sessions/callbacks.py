"""What is called while code runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..records.timing import StageTiming
from .events import Event, Output, Progress, Stderr, Stdout

OnText = Callable[[str], Any]
OnOutput = Callable[[Mapping[str, Any]], Any]
OnProgress = Callable[[StageTiming], Any]


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Each gets what its events hold; None where nobody asks."""

    stdout: OnText | None = None
    stderr: OnText | None = None
    output: OnOutput | None = None
    progress: OnProgress | None = None

    def __bool__(self) -> bool:
        return any((self.stdout, self.stderr, self.output, self.progress))

    def take(self, event: Event) -> Any:
        """Call the one that an event is for; return what that returns."""
        if isinstance(event, Stdout):
            return self.stdout and self.stdout(event.text)
        if isinstance(event, Stderr):
            return self.stderr and self.stderr(event.text)
        if isinstance(event, Output):
            return self.output and self.output(event.output)
        if isinstance(event, Progress):
            return self.progress and self.progress(event.stage)
        return None
