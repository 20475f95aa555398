"""Lines of the activity and audit logs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .purge import PurgeScope
from .scrubbing import tidied
from .times import from_iso, to_iso

ACTIVITY = "activity"
"""The log of what happened: kernels, notebooks, executions, recording."""
AUDIT = "audit"
"""The log of who took or changed the record."""

WITH_NOTEBOOKS = ("notebook.", "cell.", "page.notebook_")
"""How actions begin that people do with a notebook."""
WITH_FILES = ("notebook.", "file.", "folder.", "cell.", "page.")
"""How actions begin that people do with files, notebooks among them, and in pages."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts now, by the name that Jupyter has for them, and the session that it is told to."""

    session_id: str
    user: str | None


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did: a line of the activity log before a session writes it.

    `user` is the name by which Jupyter knows them, None where nobody did it.
    """

    action: str
    target: str | None = None
    user: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def notebooks(self) -> tuple[str, ...]:
        """The paths of the notebooks that it was done with, where they lay before among them."""
        if not self.action.startswith(WITH_NOTEBOOKS):
            return ()
        named = (self.target, self.detail.get("old"), self.detail.get("from"))
        return tuple(path for path in named if isinstance(path, str))


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log; `log` is `ACTIVITY` or `AUDIT`, `detail` is JSON."""

    log: str
    time: datetime
    session_id: str
    user_id: str | None
    action: str
    target: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the line as the ZIP has it."""
        return {
            "time": to_iso(self.time),
            "session_id": self.session_id,
            "user_id": self.user_id,
            "action": self.action,
            "target": self.target,
            "detail": self.detail,
        }

    @classmethod
    def from_json(cls, log: str, data: dict[str, Any]) -> LogLine:
        """Read what `to_json` wrote. Raises KeyError, ValueError or TypeError on another layout."""
        return cls(
            log,
            from_iso(data["time"]),
            data["session_id"],
            data["user_id"],
            data["action"],
            data["target"],
            data["detail"],
        )


def meant(scope: PurgeScope, newest_first: Iterable[LogLine]) -> Iterator[bool]:
    """Tell of each line whether a purge takes it: what somebody did with a file or in a page.

    From the newest to the oldest, since a notebook had other names before it was renamed.
    """
    names = {tidied(scope.notebook)} if scope.notebook is not None else set()
    for line in newest_first:
        if not line.action.startswith(WITH_FILES):
            yield False
        elif scope.notebook is not None:
            named = (line.target, line.detail.get("old"), line.detail.get("from"))
            yield any(isinstance(one, str) and one in names for one in named)
            names |= _names_before(line, names)
        else:
            yield scope.is_all or (scope.since is not None and line.time >= scope.since)


def _names_before(line: LogLine, names: Collection[str]) -> set[str]:
    """Return what those had been called that a rename, of them or of their folder, has named."""
    new, old = line.target, line.detail.get("old")
    if not line.action.endswith(".rename") or new is None or not isinstance(old, str):
        return set()
    return {
        old + name.removeprefix(new) for name in names if name == new or name.startswith(f"{new}/")
    }
