"""The panel's style sheet: the page's own colours, in its light theme and in its dark one."""

from __future__ import annotations

from .keeping import KEEPING

# Themes' colours are mixed with that of their text, so that they stand out from its background.

STYLE = (
    f"<style {KEEPING}>"
    + """
.jse-panel { max-width: 60rem; color: var(--jp-ui-font-color1, inherit);
  font-family: var(--jp-ui-font-family, system-ui, sans-serif);
  font-size: var(--jp-ui-font-size1, 13px); overflow: hidden; }
.jse-panel .widget-html, .jse-panel .widget-html-content { line-height: 1.4; height: auto;
  width: 100%; min-width: 0; overflow: visible; margin: 0; font-size: inherit; }
.jse-panel .widget-hbox { flex-wrap: wrap; align-items: center; }
.jse-panel .jupyter-button { width: auto; min-width: 5rem; }
.jse-panel :focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2);
  outline-offset: 1px; }
.jse-panel h4 { margin: .6em 0 .2em; font-size: inherit; font-weight: 600; }
.jse-panel p { margin: .2em 0; overflow-wrap: anywhere; }
.jse-panel code, .jse-panel pre { font-family: var(--jp-code-font-family, monospace);
  font-size: var(--jp-code-font-size, 13px); background: none; color: inherit; }
.jse-panel pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3em 0;
  max-height: 9em; overflow: auto; padding: .3em .5em;
  background: var(--jp-layout-color2, rgba(128, 128, 128, .12)); }
.jse-panel .jse-faint { color: var(--jp-ui-font-color2, inherit); }
.jse-panel .jse-bad { color: var(--jp-error-color1, #d32f2f);
  color: color-mix(in srgb, var(--jp-error-color1, #d32f2f) 60%,
    var(--jp-ui-font-color0, currentColor)); }
.jse-panel .jse-state::before { content: '●'; margin-right: .4em; }
.jse-panel .jse-on::before { color: var(--jp-error-color1, #d32f2f); }
.jse-panel .jse-paused::before { content: '❚❚'; font-size: .8em; }
.jse-panel .jse-stopped::before { content: '⚠'; color: var(--jp-warn-color1, #f57c00); }
.jse-panel progress { width: 100%; height: .7em; accent-color: var(--jp-brand-color1, #1976d2);
  display: block; margin: .2em 0; }
.jse-panel .jse-head { display: inline-block; max-width: 100%; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; }
.jse-panel .jse-time { position: relative; padding-bottom: .2em; }
.jse-panel .jse-time > svg, .jse-panel .jse-curve > svg { display: block; width: 100%;
  background: var(--jp-layout-color2, rgba(128, 128, 128, .12)); }
.jse-panel svg rect { --jse-is: var(--jp-brand-color1, #1976d2); fill: var(--jse-is);
  fill: color-mix(in srgb, var(--jse-is) 70%, var(--jp-ui-font-color0, currentColor)); }
.jse-panel svg rect.error, .jse-panel svg rect.lost { --jse-is: var(--jp-error-color1, #d32f2f); }
.jse-panel svg rect.interrupted, .jse-panel svg rect.aborted {
  --jse-is: var(--jp-warn-color1, #f57c00); }
.jse-panel svg rect.running { --jse-is: var(--jp-success-color1, #388e3c); transform-box: fill-box;
  transform-origin: left; animation: jse-grow linear forwards; }
@keyframes jse-grow { from { transform: scaleX(var(--jse-from)); }
  to { transform: scaleX(1); } }
.jse-panel svg path { fill: none; stroke: var(--jp-brand-color1, #1976d2); stroke-width: 1.5;
  vector-effect: non-scaling-stroke; }
.jse-panel .jse-time input { position: absolute; appearance: none; margin: 0; padding: 0;
  border: 0; background: none; cursor: pointer; min-width: 3px; }
.jse-panel .jse-time input:hover, .jse-panel .jse-time input:checked {
  background: rgba(128, 128, 128, .45); outline: 1px solid var(--jp-ui-font-color1, currentColor);
}
.jse-panel .jse-about { display: none; border-left: 3px solid var(--jp-brand-color1, #1976d2);
  padding-left: .6em; margin: .4em 0; }
.jse-panel input:checked + .jse-about { display: block; }
.jse-panel .jse-ends { display: flex; justify-content: space-between; gap: 1em; }
.jse-panel .jse-curves { display: flex; flex-wrap: wrap; gap: 0 1em; }
.jse-panel .jse-curve { flex: 1 1 16rem; min-width: 0; }
.jse-panel ol, .jse-panel ul { margin: .2em 0; padding-left: 1.6em; }
.jse-panel li { overflow-wrap: anywhere; margin: .15em 0; }
.jse-panel summary { cursor: pointer; overflow-wrap: anywhere; }
.jse-panel .widget-output { width: 100%; margin: 0; }
@media (prefers-reduced-motion: reduce) {
  .jse-panel svg rect.running { animation: none; transform: scaleX(var(--jse-from)); }
}
</style>"""
)
