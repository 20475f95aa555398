"""Time lines made up for tests: runs of one kernel, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_session_export.insights.finders import find_insights
from jupyter_session_export.insights.sources import look_at
from jupyter_session_export.insights.timeline import Layout, Run, Timeline
from jupyter_session_export.records.finding import Finding

T0 = 1_770_000_000.0
MB = 1_000_000


class Notebook:
    """Runs cells at once, one after the other; each takes the time that it is said to take."""

    def __init__(self, kernel: str = "k1.1", language: str = "python", at: float = T0) -> None:
        self.kernel = kernel
        self.language = language
        self.at = at
        self.runs: list[Run] = []
        self.codes: dict[str, str] = {}

    def run(self, code: str, seconds: float | None = 0.1, **changes: Any) -> Run:
        """Run code, by default in the cell that is named as the code is."""
        self.codes[code] = code
        fields: dict[str, Any] = {
            "number": len(self.runs) + 1,
            "kernel": self.kernel,
            "language": self.language,
            "notebook": "a.ipynb",
            "cell": code,
            "source": code,
            "head": code,
            "submitted": self.at,
            "started": self.at,
            "finished": self.at + (seconds or 0.0),
            "seconds": seconds,
            **changes,
        }
        run = Run(**fields)
        self.runs.append(run)
        self.at = (run.finished or self.at) + 0.001
        return run

    def timeline(self, **changes: Any) -> Timeline:
        looked_at = {code: look_at(code) for code in self.codes if self.language == "python"}
        fields: dict[str, Any] = {
            "runs": tuple(self.runs),
            "present": self.at,
            "sources": {code: source for code, source in looked_at.items() if source},
            **changes,
        }
        return Timeline(**fields)

    def found(self, **changes: Any) -> tuple[Finding, ...]:
        return find_insights(self.timeline(**changes))

    def codes_found(self, **changes: Any) -> list[str]:
        return [finding.code for finding in self.found(**changes)]


def only(findings: Sequence[Finding], code: str) -> Finding:
    """Return the one finding of a kind."""
    (found,) = [finding for finding in findings if finding.code == code]
    return found


def clean() -> Notebook:
    """Return a notebook of which there is nothing to say, with all figures measured."""
    notebook = Notebook()
    for code in (
        "import pandas as pd",
        "df = pd.read_csv('a.csv')",
        "means = df.mean()",
        "def plot(what):\n    what.plot()",
        "plot(means)",
    ):
        seconds = 0.8
        notebook.run(code, seconds, cpu=0.7, rss=100 * MB, peak_rss=120 * MB, importing=0.1)
    return notebook


def layout(notebook: Notebook, *cells: str) -> dict[str, Layout]:
    return {"a.ipynb": Layout(cells, notebook.at)}
