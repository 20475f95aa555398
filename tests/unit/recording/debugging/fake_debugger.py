"""A program that stands still, as its debugger tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

GLOBALS, ELEMENTS = 1_000, 1_000_000


@dataclass
class FakeDebugger:
    """A stack of so many frames, each with so many variables of one type and value."""

    frames: int = 2
    variables: int = 3
    kind: str = "list"
    value: str = "[1]"
    started: bool = True
    asked: list[str] = field(default_factory=list)

    def answer(self, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the body of the answer."""
        self.asked.append(command)
        if command == "debugInfo":
            return {"isStarted": self.started, "stoppedThreads": [1], "breakpoints": []}
        if command == "stackTrace":
            assert arguments["threadId"] == 1
            return {"stackFrames": [self._frame(n) for n in range(1, self.frames + 1)]}
        if command == "scopes":
            frame = arguments["frameId"]
            names = {"Locals": frame, "Globals": frame + GLOBALS}
            return {"scopes": [{"name": n, "variablesReference": r} for n, r in names.items()]}
        if command == "variables":
            return {"variables": self._variables(arguments["variablesReference"])}
        if command == "richInspectVariables":
            assert arguments["frameId"] == 1
            return {"data": {"text/html": f"<b>{arguments['variableName']}</b>", "image/png": 7}}
        assert command == "modules", command
        return {"modules": [{"name": "json"}, {"name": "abc"}, {"name": "json"}]}

    def _frame(self, number: int) -> dict[str, Any]:
        source = {"path": f"/tmp/ipykernel_1/{number}.py"}  # noqa: S108  # never opened
        return {"id": number, "name": f"f{number}", "line": 10 + number, "source": source}

    def _variables(self, reference: int) -> list[dict[str, Any]]:
        inner = 0 if reference >= ELEMENTS else ELEMENTS + reference
        return [
            {"name": f"v{n}", "type": self.kind, "value": self.value, "variablesReference": inner}
            for n in range(self.variables)
        ]
