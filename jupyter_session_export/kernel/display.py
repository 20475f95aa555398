"""What the magic shows: a progress bar that is updated in place, then a link with the summary."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from IPython.display import DisplayHandle

from ..client.delivery import Delivered
from ..client.job import Progress
from ..client.wording import Unhurried, progress_line, progress_text, result_text

_new_handle: Any = DisplayHandle  # IPython annotates none of its methods


class ProgressDisplay:
    """One output that shows how far an export is; it appears with the first report."""

    def __init__(self) -> None:
        self._handle = _new_handle()
        self._shown = False
        self.report = Unhurried(self._report)

    def close(self, verdict: str) -> None:
        """Replace the bar by how it ended, if there was one."""
        if self._shown:
            self._handle.update(
                {"text/plain": verdict, "text/html": f"<div>{escape(verdict)}</div>"}, raw=True
            )

    def _report(self, progress: Progress) -> None:
        show = self._handle.update if self._shown else self._handle.display
        self._shown = True
        show(_bar(progress), raw=True)


def show_result(delivered: Delivered, folder: Path) -> None:
    """Show a link, where the ZIP lies beneath the notebook's folder, else its path."""
    _new_handle().display(result_data(delivered, folder), raw=True)


def result_data(delivered: Delivered, folder: Path) -> dict[str, Any]:
    """Return what `show_result` shows, by MIME type."""
    summary = result_text(delivered)
    return {
        "text/plain": f"{delivered.path}\n{summary}",
        "text/html": f"<div>{_link(delivered.path, folder)}<br>{escape(summary)}</div>",
    }


def _bar(progress: Progress) -> dict[str, Any]:
    text = escape(progress_text(progress))
    bar = f'<progress max="100" value="{progress.percent:.1f}" aria-label="Session export">'
    return {
        "text/plain": progress_line(progress),
        "text/html": f"<div>{bar}</progress> {progress.percent:.0f} % {text}</div>",
    }


def _link(path: Path, folder: Path) -> str:
    try:
        relative = path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return escape(str(path))
    # `download` keeps JupyterLab from opening the ZIP in an editor.
    return f'<a href="{quote(relative)}" download>{escape(relative)}</a>'
