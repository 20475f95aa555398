import { nullTranslator } from '@jupyterlab/translation';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { History } from '../../src/restore/history';
import { HistoryView } from '../../src/restore/historyView';
import { recorded, run } from './fakes';

let history: History;
let view: HistoryView;

const entry = (number: number) => ({
  run: { ...run({ number, msg_id: `m${number}` }), source: `print(${number})` }
});

beforeEach(async () => {
  const pages = [[entry(3), entry(2)], [entry(1)]];
  history = new History({
    more: () =>
      Promise.resolve({ entries: pages.shift() ?? [], hasMore: pages.length > 0 }),
    outputs: ({ number }) => Promise.resolve(recorded({ number }, []))
  });
  await history.more();
  view = new HistoryView({
    history,
    source: null,
    rendermime: {} as IRenderMimeRegistry,
    empty: '',
    trans: nullTranslator.load('')
  });
  Widget.attach(view, document.body);
  await drawn();
});

afterEach(() => {
  view.dispose();
});

const drawn = () => new Promise(resolve => setTimeout(resolve, 50));

async function press(key: string): Promise<void> {
  const list = view.node.querySelector('[role=listbox]');
  list?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  await drawn();
}

it('has the focus at the run that is looked at once it is drawn', async () => {
  const selected = () => view.node.querySelector('[aria-selected=true]');
  expect(document.activeElement).toBe(selected());
  (document.activeElement as HTMLElement).blur();
  view.update();
  await drawn();
  expect(document.activeElement).not.toBe(selected());
});

it('goes from run to run by keyboard, and looks at the one that has the focus', async () => {
  expect(history.selected).toEqual(entry(3));
  await press('ArrowDown');
  expect(history.selected).toEqual(entry(2));
  expect(document.activeElement?.getAttribute('aria-selected')).toBe('true');
  await press('ArrowUp');
  await press('ArrowUp');
  expect(history.selected).toEqual(entry(3));
  await press('Enter');
  expect(history.selected).toEqual(entry(3));
});

it('gets more runs at the end of those that are known', async () => {
  await press('End');
  await press('ArrowDown');
  expect(history.entries).toHaveLength(3);
  await press('End');
  expect(history.selected).toEqual(entry(1));
  await press('Home');
  expect(history.selected).toEqual(entry(3));
});
