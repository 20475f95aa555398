import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, expect, it } from 'vitest';

import type { ILedger } from '../src/api';
import { SessionExportError } from '../src/errors';
import { LedgerView } from '../src/ledger';

let answer: Promise<ILedger>;
let asked: unknown[][];
let view: LedgerView;

beforeEach(() => {
  asked = [];
  const ledger = (...args: unknown[]) => {
    asked.push(args);
    return answer;
  };
  view = new LedgerView({ ledger }, nullTranslator.load('jupyter_session_export'));
});

const line = {
  path: 'outputs/pipe',
  source: '/srv/outputs/pipe',
  disposition: 'skipped',
  reason: 'A FIFO.',
  bytes: null
};

const texts = (selector: string) =>
  Array.from(view.node.querySelectorAll(selector), cell => cell.textContent);

it('lists each file with what became of it, why and its size', async () => {
  const left_out = [line, { ...line, path: 'b', disposition: 'odd', bytes: 12_300 }];
  answer = Promise.resolve({ left_out, total: 2 });
  expect(view.node.textContent).toContain('Asking');
  const loading = view.load('e1');
  expect(view.node.ariaBusy).toBe('true');
  await loading;
  expect(view.node.ariaBusy).toBe('false');
  expect(asked).toEqual([['e1', 200]]);
  expect(texts('th')).toEqual(['File', 'What became of it', 'Why', 'Size']);
  expect(texts('td')).toEqual([
    ...['outputs/pipe', 'Skipped', 'A FIFO.', ''],
    ...['b', 'odd', 'A FIFO.', '12.3 kB']
  ]);
  expect(texts('.jp-SessionExport-size')).toEqual(['', '12.3 kB']);
  expect(texts('p')[0]).toMatch(/^2 files are missing from the ZIP/);
});

it('has no column of sizes where there are none', async () => {
  const left_out = [line, { ...line, bytes: 0 }];
  answer = Promise.resolve({ left_out, total: 2 });
  await view.load('e1');
  expect(texts('th')).toEqual(['File', 'What became of it', 'Why']);
  // A size is kept on one line, a reason is not.
  expect(texts('.jp-SessionExport-size')).toEqual([]);
  expect(texts('td')).toHaveLength(6);
});

it('says how many there are where it shows the first only', async () => {
  answer = Promise.resolve({ left_out: [line], total: 4_000 });
  await view.load('e1');
  expect(texts('p')[0]).toMatch(/^4000 files .* The first 1:$/);
});

it('shows names as they are, not as HTML', async () => {
  const path = '<img src=x onerror=alert(1)>';
  answer = Promise.resolve({ left_out: [{ ...line, path, reason: null }], total: 1 });
  await view.load('e1');
  expect(view.node.querySelector('img')).toBeNull();
  expect(texts('td')[0]).toBe(path);
});

it('says why nothing can be shown', async () => {
  answer = Promise.reject(new SessionExportError('EXPORT_EXPIRED', 'It is gone.'));
  await view.load('e1');
  expect(texts('p')).toEqual(['It is gone. (EXPORT_EXPIRED)']);
  expect(texts('table')).toEqual([]);
});
