import { Signal } from '@lumino/signaling';
import { beforeEach, expect, it } from 'vitest';

import type { ICell } from '../../src/activity/changes';
import type { IPageEvent } from '../../src/activity/reporter';
import { ActivitySwitch } from '../../src/activity/switch';
import {
  NotebooksWatch,
  type IWatchedContext,
  type IWatchedPanel
} from '../../src/activity/watch';

class FakeCells {
  list: ICell[] = [{ id: 'a', type: 'code' }];
  readonly changed = new Signal<this, undefined>(this);

  [Symbol.iterator](): Iterator<ICell> {
    return this.list[Symbol.iterator]();
  }

  set(...list: ICell[]): void {
    this.list = list;
    // JupyterLab emits one signal for each place.
    this.changed.emit(undefined);
    this.changed.emit(undefined);
  }
}

class FakeContext implements IWatchedContext {
  readonly model = { cells: new FakeCells() };
  constructor(
    public path: string,
    readonly ready = Promise.resolve()
  ) {}
}

class FakePanel implements IWatchedPanel {
  readonly disposed = new Signal<this, undefined>(this);
  constructor(readonly context: FakeContext) {}
}

class FakeNotebooks {
  readonly panels: FakePanel[] = [];
  readonly widgetAdded = new Signal<this, FakePanel>(this);

  forEach(callback: (panel: IWatchedPanel) => void): void {
    this.panels.forEach(callback);
  }

  open(context: FakeContext): FakePanel {
    const panel = new FakePanel(context);
    this.widgetAdded.emit(panel);
    return panel;
  }
}

let notebooks: FakeNotebooks;
let events: IPageEvent[];
let watch: NotebooksWatch;

const settled = () => new Promise(resolve => setTimeout(resolve));
const told = () =>
  events.map(({ action, notebook, cell_id }) => `${action} ${notebook} ${cell_id ?? ''}`);

beforeEach(() => {
  notebooks = new FakeNotebooks();
  notebooks.panels.push(new FakePanel(new FakeContext('first.ipynb')));
  events = [];
  watch = new NotebooksWatch(notebooks, event => events.push(event));
});

it('tells each change of a cell once', async () => {
  const context = new FakeContext('b.ipynb');
  notebooks.open(context);
  await settled();
  context.model.cells.set({ id: 'a', type: 'code' }, { id: 'x', type: 'raw' });
  await settled();
  context.path = 'renamed.ipynb';
  context.model.cells.set({ id: 'x', type: 'raw' });
  await settled();
  expect(told()).toEqual([
    'page.notebook_open first.ipynb ',
    'page.notebook_open b.ipynb ',
    'cell.add b.ipynb x',
    'cell.delete renamed.ipynb a'
  ]);
});

it('tells nothing of the cells that a notebook is loaded with', async () => {
  let loaded: () => void = () => undefined;
  const ready = new Promise<void>(resolve => {
    loaded = resolve;
  });
  const context = new FakeContext('b.ipynb', ready);
  notebooks.open(context);
  context.model.cells.set({ id: 'x', type: 'code' }, { id: 'y', type: 'code' });
  loaded();
  await settled();
  expect(told()).toEqual([
    'page.notebook_open first.ipynb ',
    'page.notebook_open b.ipynb '
  ]);
});

it('tells a notebook with two views once, and its end with the last of them', async () => {
  const context = new FakeContext('b.ipynb');
  const views = [notebooks.open(context), notebooks.open(context)];
  await settled();
  context.model.cells.set();
  await settled();
  for (const view of views) {
    view.disposed.emit(undefined);
  }
  expect(told().slice(1)).toEqual([
    'page.notebook_open b.ipynb ',
    'cell.delete b.ipynb a',
    'page.notebook_close b.ipynb '
  ]);
});

it('tells nothing once it is disposed', async () => {
  const context = new FakeContext('b.ipynb');
  const view = notebooks.open(context);
  await settled();
  events.length = 0;
  context.model.cells.set();
  watch.dispose();
  view.disposed.emit(undefined);
  notebooks.open(new FakeContext('c.ipynb'));
  await settled();
  expect(told()).toEqual([]);
});

it('runs while the setting is on', () => {
  const changed = new Signal<object, undefined>({});
  let value: unknown = undefined;
  const log: string[] = [];
  const disposable = (name: string) => ({
    isDisposed: false,
    dispose: () => log.push(`end ${name}`),
    flush: () => log.push('flush')
  });
  const activity = new ActivitySwitch(() => {
    log.push('start');
    return { reporter: disposable('reporter'), watch: disposable('watch') };
  });
  activity.follow({ get: () => ({ composite: value }), changed });
  activity.flush();
  expect(log).toEqual([]);
  for (value of [true, true, false]) {
    changed.emit(undefined);
  }
  expect(log).toEqual(['start', 'end watch', 'end reporter']);
});
