"""The time line as a picture: bars in SVG, and over each something to point at, click or focus.

Bars are radio buttons to a page: one tab stop, arrows lead from bar to bar, and the chosen one
shows what is below it. No script is needed, so that it works in every front end.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from ...insights.drawing import Bar, Drawing, Stretch, draw, stretches
from ...insights.timeline import Run, Timeline
from ...records.finding import spelled
from .keeping import key
from .words import OWN_KEYS, about, about_html, head_of, section

WIDTH, ROW, BAR = 1000, 24, 18
"""Of the picture and of its rows, in units that stretch to what room there is."""
LEAST = 2.0
MOST_BARS = 200
MOST_KERNELS = 8
STATUSES = frozenset({"ok", "error", "aborted", "interrupted", "lost", "running"})


class Picture(NamedTuple):
    """`until` is when what runs reaches the right edge, and another picture is due."""

    html: str
    until: float


def session_html(own: Sequence[Run], others: Sequence[Run], name: str) -> str:
    """Draw what all kernels of a session ran, to be opened; nothing where there is only one."""
    last: dict[str, float] = {}
    for run in (*others, *own):
        last[run.kernel] = max(last.get(run.kernel, 0.0), run.finished or 0.0)
    if not others:
        return ""
    kernels = sorted(last, key=last.__getitem__)[-MOST_KERNELS:]
    shown = [run for run in (*others, *own) if run.kernel in kernels]
    image = picture(stretches(shown, 0.0), [], max(last.values()), 0.0, name)
    which = "all" if len(kernels) == len(last) else f"the last {len(kernels)} of"
    summary = f"The session's kernels, one below the other: {which} {len(last)}"
    return f"<details><summary {OWN_KEYS} {key(name)}>{summary}</summary>{image.html}</details>"


def picture(
    ended: Sequence[Stretch], running: Sequence[Run], now: float, ahead: float, name: str
) -> Picture:
    """Draw all runs; where something runs, its bar grows into `ahead` seconds by itself.

    `name` tells the buttons of one picture from those of others on the page.
    """
    until = now + ahead if running else now
    drawing = draw(Timeline(runs=tuple(running), present=until), ended, MOST_BARS)
    if not drawing.bars:
        body = '<p class="jse-faint">Nothing has run yet.</p>'
        return Picture(section("Timeline", body), float("inf"))
    height = ROW * len(drawing.rows)
    bars = "".join(_bar(bar, drawing, now) for bar in drawing.bars)
    points = "".join(_point(bar, drawing, name) for bar in drawing.bars)
    said = "" if running else spelled(until - drawing.start)
    body = (
        f'<div class="jse-time" role="radiogroup" aria-label="Executions">'
        f'<svg viewBox="0 0 {WIDTH} {height}" height="{height}" preserveAspectRatio="none" '
        f'aria-hidden="true">{bars}</svg>{points}</div>'
        f'<div class="jse-ends jse-faint"><span>{_clock(drawing.start)}</span>'
        f"<span>{said}</span><span>{_clock(until)}</span></div>"
    )
    return Picture(section("Timeline", body), until if running else float("inf"))


def _bar(bar: Bar, drawing: Drawing, now: float) -> str:
    x, width = bar.x * WIDTH, max(LEAST, bar.width * WIDTH)
    status = bar.status if bar.status in STATUSES else "lost"
    style = ""
    if status == "running":
        span = drawing.end - drawing.start
        begun = drawing.start + bar.x * span
        share = (now - begun) / (drawing.end - begun) if drawing.end > begun else 1.0
        ahead = max(0.1, drawing.end - now)
        style = f' style="--jse-from:{share:.4f};animation-duration:{ahead:.1f}s"'
    return (
        f'<rect class="{status}" x="{min(x, WIDTH - LEAST):.1f}" y="{ROW * bar.row + 3}" '
        f'width="{width:.1f}" height="{BAR}"{style}/>'
    )


def _point(bar: Bar, drawing: Drawing, name: str) -> str:
    """Return what stands over a bar; it is placed by parts of the picture, which is as high."""
    run, top = bar.longest, ROW * bar.row
    title = f"{about(run, _clock(run.started))}\n{head_of(run.head)}"
    told = about_html(run, _clock(run.started))
    if bar.size > 1:
        many = f"{bar.size:,} executions; the longest of them:"
        title, told = f"{many}\n{title}", f"<p>{many}</p>{told}"
    # It is above what it shows, and no wider than what is left to its right.
    left = min(bar.x, 0.995)
    place = f"left:{100 * left:.2f}%;width:{100 * min(bar.width, 1 - left):.2f}%;top:{top}px"
    return (
        f'<input type="radio" {OWN_KEYS} name="{escape(name)}" title="{escape(title)}" '
        f'{key(name, run.kernel, run.number)} data-kernel="{escape(run.kernel)}" '
        f'value="{run.number}" data-first="{bar.runs[0]}" data-last="{bar.runs[1]}" '
        f'style="{place};height:{ROW}px"><div class="jse-about">{told}</div>'
    )


def _clock(seconds: float | None) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds or 0.0))
