/** What JupyterLab's modules want of a browser and jsdom does not have. */
class FakeDragEvent extends MouseEvent {}

Object.assign(globalThis, {
  DragEvent: FakeDragEvent,
  requestIdleCallback: (callback: () => void) => {
    setImmediate(callback);
  },
  matchMedia: () => ({ matches: false, addEventListener: () => undefined })
});

// axe looks whether an icon font draws; jsdom would complain each time.
HTMLCanvasElement.prototype.getContext = () => null;
