/** What JupyterLab's modules want of a browser and jsdom does not have. */
class FakeDragEvent extends MouseEvent {}

Object.assign(globalThis, {
  DragEvent: FakeDragEvent,
  matchMedia: () => ({ matches: false, addEventListener: () => undefined })
});
