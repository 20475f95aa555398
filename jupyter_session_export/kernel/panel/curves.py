"""Memory and processor over time, as two small curves. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ...client.wording import size
from .meter import Sample, loads
from .words import section

WIDTH, HEIGHT = 300, 48
Points = list[tuple[float, float]]


def curves_html(samples: Sequence[Sample]) -> str:
    """Draw what was sampled; nothing where there is too little."""
    known = [each for each in samples if each.rss]
    memory = [(each.clock, float(max(each.peak or 0, each.rss or 0))) for each in known]
    load = loads(list(samples))
    drawn = ""
    if len(memory) > 1:
        most = max(value for _, value in memory)
        words = f"Memory {size(known[-1].rss or 0)}, at most {size(most)}"
        drawn += _curve(memory, most, words)
    if len(load) > 1:
        most = max(value for _, value in load)
        words = f"Processor {load[-1][1]:.0%} of one core, at most {most:.0%}"
        drawn += _curve(load, max(1.0, most), words)
    if not drawn:
        return section("Memory and processor", '<p class="jse-faint">Too early to tell.</p>')
    return section("Memory and processor", f'<div class="jse-curves">{drawn}</div>')


def _curve(points: Points, most: float, words: str) -> str:
    start, end = points[0][0], points[-1][0]
    span = (end - start) or 1.0
    path = "L".join(
        f"{WIDTH * (x - start) / span:.1f} {HEIGHT - 2 - (HEIGHT - 4) * y / (most or 1.0):.1f}"
        for x, y in points
    )
    return (
        f'<div class="jse-curve"><svg viewBox="0 0 {WIDTH} {HEIGHT}" height="{HEIGHT}" '
        f'preserveAspectRatio="none" role="img" aria-label="{words}"><path d="M{path}"/></svg>'
        f"<span>{words}</span></div>"
    )
