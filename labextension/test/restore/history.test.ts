import { beforeEach, expect, it } from 'vitest';

import type { IRun, ISourcedRun } from '../../src/restore/contract';
import { History, type IPage } from '../../src/restore/history';
import { recorded, run, stream } from './fakes';

let pages: IPage[];
let error: Error | null;
let history: History;

const entry = (number: number) => {
  const found: ISourcedRun = { ...run({ number, msg_id: `m${number}` }), source: 'x' };
  return { run: found };
};

beforeEach(() => {
  pages = [
    { entries: [entry(2)], hasMore: true },
    { entries: [entry(1)], hasMore: false }
  ];
  error = null;
  history = new History({
    more: () => Promise.resolve(pages.shift() ?? { entries: [], hasMore: false }),
    outputs: ({ number }: IRun) =>
      error ? Promise.reject(error) : Promise.resolve(recorded({ number }, [stream('1')]))
  });
});

it('looks at the newest first, and has more page by page', async () => {
  await history.more();
  expect(history.selected).toEqual(entry(2));
  expect(history.found?.run.number).toBe(2);
  expect(history.hasMore).toBe(true);
  await history.more();
  expect(history.entries).toHaveLength(2);
  expect(history.selected).toEqual(entry(2));
  expect(history.hasMore).toBe(false);
});

it('shows the run that was chosen last, whichever answer comes first', async () => {
  await history.more();
  await history.more();
  const [two, one] = history.entries;
  if (!one || !two) {
    throw new Error('no entries');
  }
  const slow = history.select(two);
  const late = history.select(one);
  await Promise.all([slow, late]);
  expect(history.found?.run.number).toBe(1);
});

it('tells what goes wrong, and goes on', async () => {
  error = new Error('gone');
  await history.more();
  expect(history.error?.message).toBe('gone');
  error = null;
  await history.select(entry(2));
  expect(history.error).toBeNull();
});
