import { afterEach, expect, it } from 'vitest';

import type { ILedger } from '../../src/api';
import { SessionExportError } from '../../src/errors';
import { LeftOutModel } from '../../src/sidebar/leftOut';
import { leftOut } from './fakes';

const lines = Array.from({ length: 250 }, (_, i) => leftOut(`file ${i}`));

const page = (offset: number): Promise<ILedger> =>
  Promise.resolve({
    left_out: lines.slice(offset, offset + LeftOutModel.PAGE),
    total: lines.length
  });

let model: LeftOutModel;

afterEach(() => {
  model.dispose();
});

it('comes page by page, to the last line', async () => {
  model = new LeftOutModel(page);
  for (const count of [100, 200, 250]) {
    expect(model.hasMore).toBe(true);
    await model.more();
    expect(model.lines).toHaveLength(count);
  }
  expect(model.hasMore).toBe(false);
  await model.more();
  expect(model.lines).toEqual(lines);
});

it('asks for a page once at a time', async () => {
  model = new LeftOutModel(page);
  await Promise.all([model.more(), model.more()]);
  expect(model.lines).toHaveLength(100);
});

it('tells what went wrong, and goes on where it was', async () => {
  const gone = new SessionExportError('EXPORT_EXPIRED', 'Gone.');
  let fails = false;
  model = new LeftOutModel(offset => (fails ? Promise.reject(gone) : page(offset)));
  await model.more();
  fails = true;
  await model.more();
  expect(model.error).toBe(gone);
  expect(model.lines).toHaveLength(100);
  fails = false;
  await model.more();
  expect(model.error).toBeNull();
  expect(model.lines).toHaveLength(200);
});

it('ends where the server has fewer lines than it counted', async () => {
  model = new LeftOutModel(() => Promise.resolve({ left_out: [], total: 9 }));
  await model.more();
  expect(model.hasMore).toBe(false);
});
