"""What came of a run, as JSON."""

from __future__ import annotations

import json

from jupyter_session_export.records.finding import Finding
from jupyter_session_export.sessions.result import RunError, RunResult

WAITED = Finding(
    code="IDLE",
    what="It waited.",
    advice="Don't.",
    executions=(1,),
    cells=(),
    figures={"idle_seconds": 5.0},
    saving_seconds=5.0,
    confidence="high",
    why="It slept.",
)


def test_json_has_all_that_the_result_has() -> None:
    """Whoever runs code over HTTP or in a shell gets insights, too."""
    error = RunError("ValueError", "no", ("line",))
    result = RunResult(session_id="a", number=1, error=error, exit_code=1, look=lambda: (WAITED,))
    told = json.loads(json.dumps(result.to_json()))
    assert told["insights"] == [WAITED.to_json()]
    assert (told["success"], told["error"]["name"], told["exit_code"]) == (False, "ValueError", 1)
    fields = set(RunResult.__dataclass_fields__) - {"look"}
    assert set(told) == fields | {"success", "insights"}
