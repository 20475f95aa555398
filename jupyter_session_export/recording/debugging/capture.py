"""What is asked of a debugger at a stop, and what its answers become (pure).

All answers are a program's own: whatever is odd in them is left out.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

NOTHING_STOPPED = "the debugger says that nothing is stopped"
MOST_FRAMES = 50
MOST_FRAMES_WITH_VARIABLES = 20
MOST_VARIABLES = 200
"""Of one scope, or within one variable."""
MOST_EXPANDED = 10
"""Variables of the uppermost frame whose elements are asked for, one level deep."""
MOST_RICH = 2
MOST_MODULES = 2000
VALUE_CHARACTERS = 4096
RICH_CHARACTERS = 65536
STOP_CHARACTERS = 1024 * 1024
"""All texts of one stop."""
INFO_CHARACTERS = 65536

SAFE_TYPES = frozenset({"DataFrame", "Series"})
"""What is shown as it would be in a notebook. To show anything else could have any effect."""
GROUPS = frozenset({"special variables", "function variables", "class variables"})
"""Not variables: debugpy's own folders for what nobody looks at."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    command: str
    arguments: dict[str, Any] = field(default_factory=dict)


Steps = Generator[Ask, dict[str, Any], None]
"""Yields requests and takes the body of each answer, {} where it failed."""


class Capture:
    """The state of one stop, as far as it has come: the steps may be given up after any."""

    def __init__(self, thread_id: Any, *, with_modules: bool) -> None:
        self.info: dict[str, Any] | None = None
        self.frames: list[dict[str, Any]] = []
        self.modules: tuple[str, ...] = ()
        self.cuts: list[str] = []
        self._thread_id = thread_id
        self._with_modules = with_modules
        self._left = STOP_CHARACTERS
        self._frame_ids: list[int] = []
        self._expandable: list[tuple[dict[str, Any], int]] = []

    def steps(self) -> Steps:
        """Ask from the most telling to the least."""
        self.info = info_of((yield Ask("debugInfo")))
        if self.info and not self._is_stopped():
            self.cut(NOTHING_STOPPED)
            return
        yield from self._stack()
        with_variables = range(min(len(self._frame_ids), MOST_FRAMES_WITH_VARIABLES))
        for at in with_variables[:1]:
            yield from self._scopes(at)
        if self._with_modules:
            self.modules = _module_names((yield Ask("modules")))
        for at in with_variables[1:]:
            yield from self._scopes(at)
        if len(self._frame_ids) > MOST_FRAMES_WITH_VARIABLES:
            self.cut(f"variables of the first {MOST_FRAMES_WITH_VARIABLES} frames only")
        yield from self._elements()
        yield from self._rich()

    def cut(self, reason: str) -> None:
        """Note why something is missing."""
        if reason not in self.cuts:
            self.cuts.append(reason)

    def _is_stopped(self) -> bool:
        info = self.info or {}
        stopped = info.get("stoppedThreads")
        return bool(info.get("isStarted")) and (
            not isinstance(stopped, list) or self._thread_id in stopped
        )

    def _stack(self) -> Steps:
        arguments = {"threadId": self._thread_id, "startFrame": 0, "levels": MOST_FRAMES}
        answer = yield Ask("stackTrace", arguments)
        found = _objects(answer, "stackFrames")
        total = answer.get("totalFrames")
        if len(found) > MOST_FRAMES or (isinstance(total, int) and total > MOST_FRAMES):
            self.cut(f"the first {MOST_FRAMES} frames only")
        for one in found[:MOST_FRAMES]:
            source = one.get("source")
            path = source.get("path") if isinstance(source, dict) else None
            frame: dict[str, Any] = {
                "name": self._text(one.get("name")),
                "path": self._text(path),
                "line": _integer(one.get("line")),
                "column": _integer(one.get("column")),
                "scopes": [],
            }
            self.frames.append(frame)
            self._frame_ids.append(_integer(one.get("id")) or 0)

    def _scopes(self, at: int) -> Steps:
        if self._left <= 0:
            return
        answer = yield Ask("scopes", {"frameId": self._frame_ids[at]})
        for scope in _objects(answer, "scopes"):
            name = scope.get("name")
            # All frames share their globals; those of a module's frame are its locals.
            repeated = name == "Globals" and (at > 0 or self.frames[at]["name"] == "<module>")
            reference = _integer(scope.get("variablesReference"))
            if scope.get("expensive") or repeated or not reference:
                continue
            variables = yield from self._variables(reference, expandable=at == 0)
            if variables is not None:
                found = {"name": self._text(name), "variables": variables}
                self.frames[at]["scopes"].append(found)

    def _variables(
        self, reference: int, *, expandable: bool
    ) -> Generator[Ask, dict[str, Any], list[dict[str, Any]] | None]:
        answer = yield Ask("variables", {"variablesReference": reference})
        if "variables" not in answer:
            return None
        kept: list[dict[str, Any]] = []
        found = [one for one in _objects(answer, "variables") if one.get("name") not in GROUPS]
        for one in found:
            if len(kept) >= MOST_VARIABLES or self._left <= 0:
                self.cut(
                    f"{len(found) - len(kept)} of {len(found)} variables of one place left out"
                )
                break
            kept.append(self._variable(one))
            inner = _integer(one.get("variablesReference"))
            if expandable and inner:
                self._expandable.append((kept[-1], inner))
        return kept

    def _variable(self, one: dict[str, Any]) -> dict[str, Any]:
        value = one.get("value")
        variable: dict[str, Any] = {
            "name": self._text(one.get("name")),
            "type": self._text(one.get("type")),
            "value": self._text(value),
        }
        if isinstance(value, str) and len(variable["value"] or "") < len(value):
            variable["truncated"] = True
        return variable

    def _elements(self) -> Steps:
        wanted = [pair for pair in self._expandable if pair[0]["type"] not in ("type", "module")]
        if len(wanted) > MOST_EXPANDED:
            self.cut(f"elements of the first {MOST_EXPANDED} variables only")
        for variable, reference in wanted[: MOST_EXPANDED if self._left > 0 else 0]:
            elements = yield from self._variables(reference, expandable=False)
            if elements is not None:
                variable["variables"] = elements

    def _rich(self) -> Steps:
        if not self._frame_ids:
            return
        safe = [one for one, _ in self._expandable if one["type"] in SAFE_TYPES]
        for variable in [one for one in safe if str(one["name"]).isidentifier()][:MOST_RICH]:
            arguments = {"variableName": variable["name"], "frameId": self._frame_ids[0]}
            data = (yield Ask("richInspectVariables", arguments)).get("data")
            if isinstance(data, dict):
                variable["rich"] = {
                    str(mime): text
                    for mime, value in data.items()
                    if (text := self._text(value, RICH_CHARACTERS))
                }

    def _text(self, value: Any, most: int = VALUE_CHARACTERS) -> str | None:
        """Return a text as far as there is room for it."""
        if not isinstance(value, str):
            return None
        kept = value[: max(0, min(most, self._left))]
        self._left -= len(kept)
        return kept


def info_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return what debugInfo tells; without lists that are too long to keep."""
    kept: dict[str, Any] = {}
    left = INFO_CHARACTERS
    for name, value in body.items():
        left -= len(name) + len(json.dumps(value))
        if left < 0:
            break
        kept[name] = value
    return kept


def _module_names(body: dict[str, Any]) -> tuple[str, ...]:
    names = {str(one.get("name"))[:VALUE_CHARACTERS] for one in _objects(body, "modules")}
    return tuple(sorted(names))[:MOST_MODULES]


def _objects(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = body.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
