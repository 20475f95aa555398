/** Watches the notebooks of a page: which are open, and what happens to their cells. */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import { changesBetween, type ICell } from './changes';
import type { IPageEvent } from './reporter';

/** The part of a notebook's context that watching needs. */
export interface IWatchedContext {
  readonly path: string;
  readonly ready: Promise<void>;
  readonly model: {
    readonly cells: Iterable<ICell> & { readonly changed: ISignal<unknown, unknown> };
  };
}

/** The part of a notebook's panel that watching needs. */
export interface IWatchedPanel {
  readonly context: IWatchedContext;
  readonly disposed: ISignal<unknown, unknown>;
}

/** The part of the notebook tracker that watching needs. */
export interface IWatchedNotebooks {
  forEach(callback: (panel: IWatchedPanel) => void): void;
  readonly widgetAdded: ISignal<unknown, IWatchedPanel>;
}

/** Tells of all notebooks of a page, each once, however many views it has. */
export class NotebooksWatch implements IDisposable {
  constructor(
    private readonly notebooks: IWatchedNotebooks,
    private readonly tell: (event: IPageEvent) => void
  ) {
    notebooks.forEach(panel => {
      this._add(notebooks, panel);
    });
    notebooks.widgetAdded.connect(this._add, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.notebooks.widgetAdded.disconnect(this._add, this);
    this._views.forEach((_, panel) => {
      panel.disposed.disconnect(this._remove, this);
    });
    this._views.clear();
    this._open.forEach(watch => {
      watch.dispose();
    });
    this._open.clear();
  }

  private _add(_: unknown, panel: IWatchedPanel): void {
    const { context } = panel;
    this._views.set(panel, context);
    panel.disposed.connect(this._remove, this);
    if (!this._open.has(context)) {
      this._open.set(context, new CellsWatch(context, this.tell));
      this.tell({ action: 'page.notebook_open', notebook: context.path });
    }
  }

  private _remove(panel: unknown): void {
    const context = this._views.get(panel as IWatchedPanel);
    this._views.delete(panel as IWatchedPanel);
    if (context && ![...this._views.values()].includes(context)) {
      this._open.get(context)?.dispose();
      this._open.delete(context);
      this.tell({ action: 'page.notebook_close', notebook: context.path });
    }
  }

  private readonly _views = new Map<IWatchedPanel, IWatchedContext>();
  private readonly _open = new Map<IWatchedContext, CellsWatch>();
  private _isDisposed = false;
}

/** Tells what happens to the cells of one notebook, once it has been loaded. */
class CellsWatch implements IDisposable {
  constructor(
    private readonly context: IWatchedContext,
    private readonly tell: (event: IPageEvent) => void
  ) {
    void context.ready.then(
      () => {
        this._begin();
      },
      // A notebook that can't be loaded has no cells; JupyterLab has told why.
      () => undefined
    );
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.context.model.cells.changed.disconnect(this._changed, this);
    }
  }

  private _begin(): void {
    if (!this._isDisposed) {
      this._before = this._look();
      this.context.model.cells.changed.connect(this._changed, this);
    }
  }

  /** Look when all that belongs together has happened: one deed has several signals. */
  private _changed(): void {
    if (!this._isDue) {
      this._isDue = true;
      queueMicrotask(() => {
        this._isDue = false;
        if (!this._isDisposed) {
          this._compare();
        }
      });
    }
  }

  private _compare(): void {
    const after = this._look();
    for (const change of changesBetween(this._before, after)) {
      this.tell({ ...change, notebook: this.context.path });
    }
    this._before = after;
  }

  private _look(): ICell[] {
    return Array.from(this.context.model.cells, ({ id, type }) => ({ id, type }));
  }

  private _before: ICell[] = [];
  private _isDue = false;
  private _isDisposed = false;
}
