"""How well what a page shows stands out, by WCAG 2.2."""

from __future__ import annotations

import re
from typing import NamedTuple

from playwright.sync_api import Locator

TEXT, GRAPHICS = 4.5, 3.0
"""Success criteria 1.4.3 and 1.4.11."""
_SHOWN = """root => {
  const behind = node => {
    const found = [];
    for (let each = node; each; each = each.parentElement)
      found.push(getComputedStyle(each).backgroundColor);
    return found;
  };
  const seen = node => node.checkVisibility() && !node.closest('[disabled]');
  const own = node => [...node.childNodes].some(each => each.nodeType === 3 && each.data.trim());
  const all = [...root.querySelectorAll('*')].filter(seen);
  return [
    ...all.filter(node => own(node) && node.tagName !== 'STYLE').map(node => [
      node.closest('button') ? 'button' : 'text', getComputedStyle(node).color, behind(node),
      node.textContent.trim().slice(0, 40)]),
    ...all.filter(node => node.tagName === 'rect').map(node => [
      'bar', getComputedStyle(node).fill, behind(node), node.getAttribute('class')]),
  ];
}"""
_NUMBERS = re.compile(r"[\d.]+(?:e-?\d+)?")
Colour = tuple[float, float, float, float]


class Shown(NamedTuple):
    """`kind` is 'text', 'button' or 'bar'."""

    kind: str
    what: str
    contrast: float

    @property
    def is_enough(self) -> bool:
        return self.contrast >= (TEXT if self.kind == "text" else GRAPHICS)


def contrasts(root: Locator) -> list[Shown]:
    """Return what is shown within an element, with its contrast to what is behind it."""
    found = root.evaluate(_SHOWN)
    return [Shown(kind, what, contrast(front, behind)) for kind, front, behind, what in found]


def contrast(front: str, behind: list[str]) -> float:
    """Return the ratio of a computed colour to backgrounds, the nearest first; from 1 to 21."""
    back: Colour = (1.0, 1.0, 1.0, 1.0)
    for each in reversed(behind):
        back = _over(_parsed(each), back)
    one, other = _luminance(_over(_parsed(front), back)), _luminance(back)
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _parsed(colour: str) -> Colour:
    """Read `rgb(…)`, `rgba(…)`, or `color(srgb …)`, which mixtures compute to."""
    red, green, blue, *alpha = map(float, _NUMBERS.findall(colour))
    scale = 1.0 if colour.startswith("color(") else 255.0
    return red / scale, green / scale, blue / scale, alpha[0] if alpha else 1.0


def _over(front: Colour, back: Colour) -> Colour:
    red, green, blue = (
        f * front[3] + b * (1 - front[3]) for f, b in zip(front[:3], back[:3], strict=True)
    )
    return red, green, blue, 1.0


def _luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
