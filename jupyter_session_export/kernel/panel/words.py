"""What the panel says, as HTML: the recording, what runs, what took long, what to change. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ...client.wording import counted, progress_text, size
from ...insights.evidence import telling_line
from ...insights.timeline import Run
from ...records.finding import spelled
from ..history import Started
from .crowd import Crowd
from .delivery import PanelExport
from .keeping import key
from .runs import Expected
from .standing import ASKING, AWAY, NOBODY, Standing

STATES = {
    ASKING: "Asking …",
    NOBODY: "Not recorded",
    AWAY: "The server is not reachable",
    "on": "Recorded",
    "paused": "Paused",
    "stopped": "Recording has stopped",
    "off": "Recording is turned off",
    "ended": "The session has ended",
}
HEAD_CHARACTERS = 80
OWN_KEYS = 'data-lm-suppress-shortcuts="true"'
"""What has the focus in JupyterLab leaves its arrows and Enter to the notebook without this."""
MOST_SLOW, MOST_QUEUED, MOST_INSIGHTS = 5, 3, 6


def state_html(standing: Standing) -> str:
    """Say how the recording stands, what a click came to, and what went wrong."""
    words = STATES.get(standing.state, standing.state)
    state = standing.state if standing.state.isalpha() else ""
    text = f'<p role="status"><strong class="jse-state jse-{state}">{escape(words)}</strong>'
    if standing.reason:
        text += f" {escape(standing.reason)}"
    for told in (standing.busy, standing.said):
        if told:
            text += f" {escape(told)}"
    text += "</p>"
    if standing.problem:
        text += f'<p class="jse-bad" role="alert">{escape(standing.problem)}</p>'
    return text


def now_html(
    running: Sequence[Started],
    expected: Sequence[Expected | None],
    now: float,
    standing: Standing,
    hint: str = "",
) -> str:
    """Say what runs, for how long, how long it took before, and what waits."""
    parts = [
        _running(started, before, now - started.began)
        for started, before in zip(running, expected, strict=True)
    ]
    if not parts:
        parts = ["<p>Nothing runs.</p>"]
    elif hint:
        parts.append(f'<p class="jse-faint">{escape(hint)}</p>')
    if standing.queued:
        heads = "".join(f"<li>{code(head)}</li>" for head in standing.queue[:MOST_QUEUED])
        more = standing.queued - min(MOST_QUEUED, len(standing.queue))
        rest = f"<p>and {counted(more, 'cell')} more</p>" if more else ""
        waiting = counted(standing.queued, "cell")
        parts.append(f"<p>Waiting: {waiting}</p><ol>{heads}</ol>{rest}")
    return section("Now", "".join(parts))


def _running(started: Started, before: Expected | None, elapsed: float) -> str:
    text = f"<p>Running for <strong>{spelled(elapsed)}</strong>: {code(started.code)}</p>"
    if before is None:
        return f'{text}<progress aria-label="Running, for the first time"></progress>'
    share = min(1.0, elapsed / before.seconds) if before.seconds > 0 else 1.0
    took = f"took {spelled(before.seconds)} before ({counted(before.times, 'run')})"
    if elapsed > before.seconds:
        took += f", this time {spelled(elapsed - before.seconds)} more"
    bar = f'<progress max="1" value="{share:.3f}" aria-label="Of the time that it took before">'
    return f'{text}{bar}</progress><p class="jse-faint">{took}</p>'


def slowest_html(crowd: Crowd) -> str:
    """Name the cells that took longest, all of their runs together."""
    rows = "".join(
        f"<li><strong>{spelled(each.seconds)}</strong>"
        f"{f' in {each.times} runs' if each.times > 1 else ''}: {code(each.head)}</li>"
        for each in crowd.slowest(MOST_SLOW)
    )
    body = f"<ol>{rows}</ol>" if rows else '<p class="jse-faint">Nothing has ended yet.</p>'
    return section("Slowest cells", body)


def insights_html(insights: Sequence[Mapping[str, Any]] | None) -> str:
    """Tell what is worth changing; each finding opens to what it rests on."""
    if insights is None:
        return section("Insights", '<p class="jse-faint">Asking …</p>')
    if not insights:
        return section("Insights", '<p class="jse-faint">Nothing stands out.</p>')
    shown = "".join(map(_finding, insights[:MOST_INSIGHTS]))
    if more := insights[MOST_INSIGHTS:]:
        rest = "".join(map(_finding, more))
        opener = f"<summary {OWN_KEYS} {key('insights')}>{len(more)} more</summary>"
        shown += f"<details>{opener}{rest}</details>"
    return section("Insights", shown)


def _finding(finding: Mapping[str, Any]) -> str:
    saving = finding["saving_seconds"]
    saves = "" if saving is None else f" <strong>Could save {spelled(saving)}.</strong>"
    why = f"Sure: {finding['confidence']}; {finding['why']}."
    return (
        f"<details><summary {OWN_KEYS} {_key(finding)}>{escape(finding['what'])}{saves}</summary>"
        f"<p>{escape(finding['advice'])}</p>"
        f'<p class="jse-faint">{escape(why)} ({escape(finding["code"])})</p></details>'
    )


def _key(finding: Mapping[str, Any]) -> str:
    """Return what stays the same of a finding while its figures grow."""
    return key(finding["code"], *finding.get("executions", ())[:1])


def export_html(export: PanelExport | None) -> str:
    """Say how far an export is, or how it ended."""
    if export is None or export.delivered is not None:
        return ""
    if export.problem is not None:
        return f'<p class="jse-bad" role="alert">Export: {escape(export.problem)}</p>'
    progress = export.progress
    if export.is_cancelled or progress is None:
        return f"<p>Export: {'cancelling' if export.is_cancelled else 'beginning'} …</p>"
    bar = f'<progress max="100" value="{progress.percent:.1f}" aria-label="Session export">'
    return f"{bar}</progress><p>{progress.percent:.0f} % {escape(progress_text(progress))}</p>"


def about_html(run: Run, when: str) -> str:
    """Tell all that is known of a run."""
    return f"<p>{escape(about(run, when))}</p><pre>{escape(run.head)}</pre>"


def about(run: Run, when: str) -> str:
    """Tell when a run was, how it went and what it took, in one line."""
    words = [f"{run.status}{f' ({run.error})' if run.error else ''}", f"began {when}"]
    if run.seconds is not None:
        words.append(f"took {spelled(run.seconds)}")
    if run.cpu is not None:
        words.append(f"processor {spelled(run.cpu)}")
    if run.peak_rss:
        words.append(f"memory up to {size(run.peak_rss)}")
    if run.rss:
        words.append(f"then {size(run.rss)}")
    return ", ".join(words)


def code(text: str) -> str:
    """Show how code begins."""
    return f'<code class="jse-head">{escape(head_of(text))}</code>'


def head_of(text: str) -> str:
    """Return the first line of code that tells anything, cut where it is long."""
    line = telling_line(text)
    return line if len(line) <= HEAD_CHARACTERS else f"{line[: HEAD_CHARACTERS - 1]}…"


def section(title: str, body: str) -> str:
    return f'<section aria-label="{title}"><h4>{title}</h4>{body}</section>'
