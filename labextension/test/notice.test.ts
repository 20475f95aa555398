import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Delivery } from '../src/delivery';
import { SessionExportError } from '../src/errors';
import { ExportModel } from '../src/export';
import { ExportNotice } from '../src/notice';
import { FakeExportApi, FakeNotifier, job, ready, sending } from './fakes';

let api: FakeExportApi;
let delivery: Delivery;
let isSeen: boolean;
let leftOut: string[];
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
  leftOut = [];
  unsaved = [];
  notifier = new FakeNotifier();
  delivery = new Delivery({ api, hand: () => undefined });
  model = new ExportModel({
    api,
    save: () => Promise.resolve(unsaved),
    clientId: () => Promise.resolve('c1'),
    deliver: ready => void delivery.begin(ready)
  });
  notice = new ExportNotice({
    model,
    delivery,
    notifier,
    isSeen: () => isSeen,
    showDetails: (title, text) => details.push(`${title}: ${text}`),
    showLeftOut: ({ id }) => leftOut.push(id),
    trans: nullTranslator.load('jupyter_session_export')
  });
});

afterEach(() => {
  notice.dispose();
  model.dispose();
  delivery.dispose();
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
  api.answers = [job(), halfway(1), halfway(2), ready(), ready({ delivered: 1 })];
  const pending = model.start();
  expect(notifier.only).toMatchObject({ type: 'in-progress', autoClose: false });
  await vi.advanceTimersByTimeAsync(600);
  expect(notifier.only.message).toContain('50 %, 1 of 4 files');
  expect(notifier.only.progress).toBe(0.5);
  await vi.advanceTimersByTimeAsync(20_000);
  await pending;
  expect(notifier.only).toMatchObject({ type: 'success', actions: [] });
  expect(notifier.only.message).toContain('(12.3 MB) was sent to your browser.');
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

it('shows what was left out, and stays', async () => {
  api.answers = [ready({ left_out: 3 })];
  await run();
  expect(notifier.press('Show').defaultPrevented).toBe(true);
  expect(leftOut).toEqual(['e1']);
});

it('follows the download, which can be cancelled', async () => {
  api.answers = [ready(), sending(0), sending(6_172_839)];
  void model.start();
  await vi.advanceTimersByTimeAsync(250);
  expect(notifier.only.message).toContain('handing session_export');
  await vi.advanceTimersByTimeAsync(700);
  expect(notifier.only).toMatchObject({ type: 'in-progress', progress: 0.5 });
  expect(notifier.only.message).toContain('50 % of 12.3 MB');
  expect(notifier.press('Cancel').defaultPrevented).toBe(true);
  await vi.advanceTimersByTimeAsync(100);
  expect(api.cancelled).toEqual(['e1']);
  expect(notifier.only).toMatchObject({ type: 'info' });
  expect(notifier.only.message).toContain('cancelled');
});

it('offers an interrupted download again', async () => {
  api.answers = [ready(), sending(6_172_839), ready()];
  await run();
  expect(notifier.only).toMatchObject({ type: 'warning', autoClose: false });
  expect(notifier.only.message).toContain('was interrupted at 50 %');
  api.answers = [ready(), ready({ delivered: 1 })];
  api.follows = 0;
  expect(notifier.press('Download again').defaultPrevented).toBe(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(notifier.only.type).toBe('success');
});

it('stays and offers it again when the browser does not begin a download', async () => {
  api.answers = [ready()];
  await run();
  expect(notifier.only).toMatchObject({ type: 'warning', autoClose: false });
  expect(notifier.only.message).toContain('has not begun to download it');
  api.answers = [ready(), ready({ delivered: 1 })];
  api.follows = 0;
  notifier.press('Download again');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(notifier.only.type).toBe('success');
});

it('tells what ended a download, and starts the same again', async () => {
  const error = { code: 'CANCELLED_SESSION_CHANGE', message: 'It ended.', detail: null };
  api.answers = [ready(), sending(10), ready({ state: 'cancelled', error })];
  await run();
  expect(notifier.only).toMatchObject({ type: 'warning', autoClose: false });
  expect(notifier.only.message).toContain('the session has changed.\nIt ended.');
  notifier.press('Start again');
  await vi.advanceTimersByTimeAsync(100);
  expect(api.created[1]).toMatchObject({ session_id: 's1', include: ['code'] });
});

it('tells what loading the page has ended, and starts it again', async () => {
  api.answers = [ready(), ready({ delivered: 1 })];
  notice.tellEnded(job({ include: ['logs'] }));
  expect(notifier.only).toMatchObject({ type: 'warning', autoClose: false });
  expect(notifier.only.message).toContain('when this page was reloaded');
  notifier.press('Start again');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(api.created[0]).toMatchObject({ include: ['logs'], client_id: 'c1' });
  expect(notifier.only.type).toBe('success');
});

it('says so while the server does not answer', async () => {
  const silent = new SessionExportError('SERVER_UNREACHABLE', 'No answer');
  api.answers = [silent, ready(), silent, ready({ delivered: 1 })];
  const pending = model.start();
  await vi.advanceTimersByTimeAsync(300);
  expect(notifier.only.message).toContain('does not answer, trying again');
  await vi.advanceTimersByTimeAsync(500);
  expect(notifier.only.message).toContain('does not answer, trying again');
  await vi.advanceTimersByTimeAsync(5_000);
  await pending;
  expect(notifier.only.type).toBe('success');
});

it('has the same ZIP again from a server that was away', async () => {
  const silent = new SessionExportError('SERVER_UNREACHABLE', 'No answer');
  api.answers = [ready(), sending(10), silent];
  await run();
  expect(notifier.only).toMatchObject({ type: 'error', autoClose: false });
  api.answers = [ready(), ready({ delivered: 1 })];
  api.follows = 0;
  notifier.press('Download again');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(notifier.only.type).toBe('success');
  expect(api.created).toHaveLength(1);
});

it('offers a new export where the ZIP is gone', async () => {
  const error = { code: 'EXPORT_EXPIRED', message: 'It is gone.', detail: null };
  api.answers = [ready(), sending(10), ready({ state: 'expired', error })];
  await run();
  notifier.press('Try again');
  await vi.advanceTimersByTimeAsync(100);
  expect(api.created).toHaveLength(2);
});

it('forgets the download before for the next export', async () => {
  api.answers = [ready(), sending(10)];
  void model.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(delivery.state.kind).toBe('sending');
  api.answers = [job()];
  void model.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(delivery.state.kind).toBe('idle');
  expect(notifier.only.message).toContain('completing the record');
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
  api.answers = [ready({ delivered: 1 })];
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
  expect(notifier.only.type).toBe('warning');
  api.answers = [ready(), ready({ delivered: 1 })];
  api.follows = 0;
  await run();
  expect(notifier.only.type).toBe('success');
});

it('tells the end even if it was closed meanwhile', async () => {
  api.answers = [job(), ready(), ready({ delivered: 1 })];
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
