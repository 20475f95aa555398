"""Keeps what a person has chosen in the panel when a part of it is drawn anew.

A part is drawn as HTML, which a page puts in place of what was there: with it would go which
bar is chosen, what is open, and the focus of the keyboard. A page that runs no inline scripts,
as its server may decide, goes without; nothing else depends on it.
"""

from __future__ import annotations

from html import escape

_SCRIPT = """(style => {
  const root = style.closest('.jse-panel');
  if (!root || root.jseKeeps) return;
  root.jseKeeps = true;
  const chosen = new Map(), open = new Set();
  let focus = null;
  const find = key => root.querySelector(`[data-key='${CSS.escape(key)}']`);
  const around = (name, kernel, number) => [...root.querySelectorAll('input[type=radio]')].find(
    each => each.name === name && each.dataset.kernel === kernel &&
      Number(each.dataset.first) <= number && number <= Number(each.dataset.last));
  root.addEventListener('change', event => {
    const { type, name, value, dataset } = event.target;
    if (type === 'radio') chosen.set(name, [dataset.key, dataset.kernel, Number(value)]);
  });
  root.addEventListener('toggle', event => {
    const key = event.target.querySelector(':scope > summary')?.dataset.key;
    if (key) open[event.target.open ? 'add' : 'delete'](key);
  }, true);
  root.addEventListener('focusin', event => { focus = event.target.dataset.key ?? null; });
  root.addEventListener('focusout', ({ target }) => setTimeout(() => {
    if (target.isConnected && !root.contains(document.activeElement)) focus = null;
  }));
  const restore = () => {
    for (const [name, [key, kernel, number]] of chosen) {
      const bar = find(key) ?? around(name, kernel, number);
      if (bar && !bar.checked) bar.checked = true;
    }
    for (const key of open) {
      const details = find(key)?.parentElement;
      if (details && !details.open) details.open = true;
    }
    const lost = !document.activeElement || document.activeElement === document.body;
    if (focus && lost) {
      const radio = [...chosen].find(([, [key]]) => key === focus);
      const again = find(focus) ?? (radio && around(radio[0], radio[1][1], radio[1][2]));
      again?.focus({ preventScroll: true });
    }
  };
  new MutationObserver(restore).observe(root, { childList: true, subtree: true });
})(this)"""

KEEPING = f'onload="{escape(_SCRIPT)}"'
"""An attribute of the panel's style sheet, which a page loads once for each view of the panel."""


def key(*parts: object) -> str:
    """Return an attribute that tells what can be chosen from all else in the panel."""
    return f'data-key="{escape(" ".join(map(str, parts)))}"'
