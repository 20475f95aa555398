"""What an owner wants gone from a record, and what went."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .times import from_iso, now, to_iso

NAMES = ("scope", "notebook", "execution", "since", "last_seconds")
MOST_SECONDS = 10 * 365 * 86400
_DIGEST = re.compile("[0-9a-f]{8}")
_HOW = (
    'Give one of {"scope": "all"}, {"notebook": path}, {"execution": number}, {"since": time}, '
    '{"last_seconds": number}.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeScope:
    """Everything; or what one notebook ran, one execution, or what ran at or after a time.

    `execution` is the id of one (eight hex digits), `number` its number.
    """

    notebook: str | None = None
    number: int | None = None
    execution: str | None = None
    since: datetime | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> PurgeScope:
        """Read a request's JSON or query. Raises ValueError: nothing is purged by default."""
        given = [name for name in NAMES if data.get(name) is not None]
        if len(given) != 1:
            raise ValueError(f"A purge needs to be told what. {_HOW}")
        value = data[given[0]]
        if given == ["scope"] and value == "all":
            return cls()
        if given == ["notebook"] and isinstance(value, str) and value:
            return cls(notebook=value)
        if given == ["execution"]:
            return cls._of_execution(value)
        if given == ["since"] and isinstance(value, str):
            return cls._since(value)
        if given == ["last_seconds"]:
            return cls._last(value)
        raise ValueError(f"This {given[0]} is not what a purge takes. {_HOW}")

    @classmethod
    def _of_execution(cls, value: Any) -> PurgeScope:
        text = str(value)
        if isinstance(value, str) and _DIGEST.fullmatch(text):
            return cls(execution=text)
        if isinstance(value, bool) or not text.isascii() or not text.isdecimal() or len(text) > 15:
            raise ValueError("execution must be an execution's number or id.")
        return cls(number=int(text))

    @classmethod
    def _since(cls, value: str) -> PurgeScope:
        try:
            return cls(since=from_iso(value))
        except ValueError as error:
            raise ValueError("since must be a time in ISO 8601.") from error

    @classmethod
    def _last(cls, value: Any) -> PurgeScope:
        """Count back from this clock: a browser's may differ, and what goes is gone for good."""
        text = str(value)
        if isinstance(value, bool) or not text.isascii() or not text.isdecimal() or len(text) > 9:
            raise ValueError("last_seconds must be a number of seconds.")
        return cls(since=now() - timedelta(seconds=min(int(text), MOST_SECONDS)))

    @property
    def is_all(self) -> bool:
        return self == PurgeScope()

    @property
    def takes_readings(self) -> bool:
        """Whether readings go too: they belong to no notebook and no execution."""
        return self.is_all or self.since is not None

    def to_json(self) -> dict[str, Any]:
        """Return what `parse` reads."""
        if self.notebook is not None:
            return {"notebook": self.notebook}
        if self.since is not None:
            return {"since": to_iso(self.since)}
        if self.is_all:
            return {"scope": "all"}
        return {"execution": self.execution or self.number}


@dataclass(frozen=True, slots=True)
class Purged:
    """How many executions went, with how many raw bytes in all.

    `running` ones besides stay, without what came so far.
    """

    executions: int = 0
    bytes: int = 0
    running: int = 0

    def to_json(self) -> dict[str, int]:
        return {"executions": self.executions, "running": self.running, "bytes": self.bytes}
