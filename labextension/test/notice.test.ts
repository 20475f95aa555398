import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { SessionExportError } from '../src/errors';
import { ExportModel } from '../src/export';
import { ExportNotice } from '../src/notice';
import { FakeExportApi, FakeNotifier, job, ready } from './fakes';

let api: FakeExportApi;
let isSeen: boolean;
let details: string[];
let model: ExportModel;
let notice: ExportNotice;
let notifier: FakeNotifier;
let unsaved: string[];

beforeEach(() => {
  vi.useFakeTimers();
  api = new FakeExportApi();
  isSeen = true;
  details = [];
  unsaved = [];
  notifier = new FakeNotifier();
  model = new ExportModel({
    api,
    save: () => Promise.resolve(unsaved),
    clientId: () => Promise.resolve('c1'),
    deliver: () => undefined
  });
  notice = new ExportNotice({
    model,
    notifier,
    isSeen: () => isSeen,
    showDetails: (title, text) => details.push(`${title}: ${text}`),
    trans: nullTranslator.load('jupyter_session_export')
  });
});

afterEach(() => {
  notice.dispose();
  model.dispose();
  vi.useRealTimers();
});

async function run(): Promise<void> {
  const pending = model.start();
  await vi.advanceTimersByTimeAsync(20_000);
  await pending;
}

const halfway = (entries: number) =>
  job({
    progress: {
      ...job().progress,
      stage: 'compressing',
      percent: 50,
      entries_done: entries,
      entries_total: 4
    }
  });

it('is one notification from the begin to the end', async () => {
  api.answers = [job(), halfway(1), halfway(2), ready()];
  const pending = model.start();
  expect(notifier.only).toMatchObject({ type: 'in-progress', autoClose: false });
  await vi.advanceTimersByTimeAsync(600);
  expect(notifier.only.message).toContain('50 %, 1 of 4 files');
  expect(notifier.only.progress).toBe(0.5);
  await vi.advanceTimersByTimeAsync(20_000);
  await pending;
  expect(notifier.only).toMatchObject({ type: 'success', actions: [] });
  expect(notifier.only.message).toContain('(12.3 MB) is being downloaded.');
});

it('is not touched while nothing has changed', async () => {
  api.answers = [halfway(1), halfway(1), halfway(1), halfway(1), ready()];
  const pending = model.start();
  await vi.advanceTimersByTimeAsync(300);
  const before = notifier.changes;
  await vi.advanceTimersByTimeAsync(600);
  expect(notifier.changes).toBe(before);
  await vi.advanceTimersByTimeAsync(1_000);
  await pending;
});

it('stays until it is read when files were left out', async () => {
  api.answers = [ready({ left_out: 3 })];
  await run();
  expect(notifier.only).toMatchObject({ type: 'warning', autoClose: false });
  expect(notifier.only.message).toContain('3 files were left out');
});

it('stays until it is read when a notebook could not be saved', async () => {
  unsaved = ['a.ipynb'];
  await run();
  expect(notifier.only).toMatchObject({ type: 'warning', autoClose: false });
});

it('cancels, keeps its place and tells the end', async () => {
  api.answers = [job()];
  const pending = model.start();
  await vi.advanceTimersByTimeAsync(300);
  expect(notifier.press('Cancel').defaultPrevented).toBe(true);
  expect(notifier.only.message).toContain('cancelling');
  expect(notifier.only.actions).toEqual([]);
  await vi.advanceTimersByTimeAsync(300);
  await pending;
  expect(notifier.only).toMatchObject({ type: 'info' });
  expect(notifier.only.message).toContain('cancelled');
});

it('tells why an export failed and tries again', async () => {
  api.onCreate = () => Promise.reject(new SessionExportError('NO', 'Refused.', 'Wait.'));
  await run();
  expect(notifier.only).toMatchObject({
    type: 'error',
    autoClose: false,
    message: 'Refused. (NO)\nWait.'
  });
  api.onCreate = () => Promise.resolve(ready());
  notifier.press('Try again');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(notifier.only.type).toBe('success');
});

it('leads to the whole text where it would be cut', async () => {
  const detail = 'x'.repeat(200);
  api.onCreate = () => Promise.reject(new SessionExportError('NO', 'Refused.', detail));
  await run();
  expect(notifier.press('Details').defaultPrevented).toBe(true);
  expect(details).toEqual([`Download Session: Refused. (NO)\n${detail}`]);
});

it.each([true, false])(
  'uses a dialog for a dead server where no notification can be seen (%s)',
  async seen => {
    isSeen = seen;
    const dead = new SessionExportError('SERVER_UNREACHABLE', 'No answer');
    api.onCreate = () => Promise.reject(dead);
    await run();
    expect(notifier.only.message).toContain('does not answer');
    expect(details).toHaveLength(seen ? 0 : 1);
  }
);

it('takes the last word of the export before away', async () => {
  await run();
  await run();
  expect(notifier.only.type).toBe('success');
});

it('tells the end even if it was closed meanwhile', async () => {
  api.answers = [job(), ready()];
  const pending = model.start();
  await vi.advanceTimersByTimeAsync(300);
  notifier.notes.clear();
  isSeen = false;
  await vi.advanceTimersByTimeAsync(1_000);
  await pending;
  expect(notifier.only.type).toBe('success');
});

it('is silent once it is disposed', async () => {
  notice.dispose();
  notice.dispose();
  expect(notice.isDisposed).toBe(true);
  await run();
  expect(notifier.notes.size).toBe(0);
});
