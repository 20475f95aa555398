import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SessionExportError } from '../src/errors';
import { ExportModel, type ExportOutcome } from '../src/export';
import { deferred, FakeExportApi, job, ready } from './fakes';

let api: FakeExportApi;
let delivered: string[];
let save: () => Promise<string[]>;
let model: ExportModel;

beforeEach(() => {
  vi.useFakeTimers();
  api = new FakeExportApi();
  delivered = [];
  save = () => Promise.resolve([]);
  model = new ExportModel({
    api,
    save: () => save(),
    clientId: () => Promise.resolve('c1'),
    deliver: ({ id, filename }) => delivered.push(`${filename} of ${id}`)
  });
});

afterEach(() => {
  model.dispose();
  vi.useRealTimers();
});

async function ended(pending: Promise<ExportOutcome>): Promise<ExportOutcome> {
  await vi.advanceTimersByTimeAsync(20_000);
  return pending;
}

const unreachable = () => new SessionExportError('SERVER_UNREACHABLE', 'No answer');

describe('an export that goes well', () => {
  it('saves, asks, follows until ready and hands the ZIP to the browser', async () => {
    const order: string[] = [];
    save = () => {
      order.push('saved');
      return Promise.resolve([]);
    };
    api.onCreate = () => {
      order.push('asked');
      return Promise.resolve(job());
    };
    api.answers = [job(), job(), ready()];
    const outcome = await ended(model.start());
    expect(order).toEqual(['saved', 'asked']);
    expect(outcome).toEqual({ kind: 'ready', job: ready(), unsaved: [] });
    expect(api.created).toEqual([{ scope: 'session', client_id: 'c1' }]);
    expect(delivered).toEqual(['session_export_2026-11-20.zip of e1']);
  });

  it('looks four times a second, and never again when it has ended', async () => {
    api.answers = [job(), job(), job(), ready()];
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(999);
    expect(api.follows).toBe(3);
    await ended(pending);
    expect(api.follows).toBe(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('needs no look when it is ready at once', async () => {
    api.onCreate = () => Promise.resolve(ready());
    expect((await ended(model.start())).kind).toBe('ready');
    expect(api.follows).toBe(0);
  });

  it('tells each change of phase and job', async () => {
    const seen: string[] = [];
    model.changed.connect(({ phase, job: seenJob, running }) => {
      seen.push(`${phase} ${seenJob?.state ?? '-'} ${String(running)}`);
    });
    await ended(model.start());
    expect(seen).toEqual([
      'saving - true',
      'preparing - true',
      'preparing preparing true',
      'preparing ready true',
      'idle ready false'
    ]);
  });

  it('says which notebooks could not be saved', async () => {
    save = () => Promise.resolve(['a.ipynb']);
    expect(await ended(model.start())).toMatchObject({ unsaved: ['a.ipynb'] });
  });
});

describe('a double click', () => {
  it('joins the export that is under way', async () => {
    const first = model.start();
    expect(model.start()).toBe(first);
    await ended(first);
    expect(api.created).toHaveLength(1);
    expect(delivered).toHaveLength(1);
  });

  it('is no second export while notebooks are saved', async () => {
    const saving = deferred<string[]>();
    const saves = vi.fn(() => saving.promise);
    save = saves;
    const first = model.start();
    expect(model.running).toBe(true);
    void model.start();
    saving.resolve([]);
    await ended(first);
    expect(saves).toHaveBeenCalledOnce();
    expect(api.created).toHaveLength(1);
  });

  it('starts a new export after the first has ended', async () => {
    await ended(model.start());
    expect(model.running).toBe(false);
    await ended(model.start());
    expect(delivered).toHaveLength(2);
  });
});

describe('cancel', () => {
  it('stops looking at once and cancels the job on the server', async () => {
    api.answers = [job()];
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(600);
    model.cancel();
    expect(model.phase).toBe('cancelling');
    await vi.advanceTimersByTimeAsync(0);
    expect(await pending).toEqual({ kind: 'cancelled' });
    expect(api.cancelled).toEqual(['e1']);
    expect(delivered).toEqual([]);
    expect(api.follows).toBe(2);
  });

  it('while saving ends the export at once and lets the save go on', async () => {
    const saving = deferred<string[]>();
    save = () => saving.promise;
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(0);
    model.cancel();
    expect(await ended(pending)).toEqual({ kind: 'cancelled' });
    expect(model.phase).toBe('idle');
    saving.resolve([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.created).toEqual([]);
  });

  it('while saving does not care how that save ends', async () => {
    let fail: (reason: Error) => void = () => undefined;
    save = () => new Promise((_, reject) => (fail = reject));
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(0);
    model.cancel();
    expect(await ended(pending)).toEqual({ kind: 'cancelled' });
    fail(new Error('The disk is full.'));
    save = () => Promise.resolve([]);
    expect((await ended(model.start())).kind).toBe('ready');
  });

  it('while saving keeps the next export from saving at the same time', async () => {
    const saving = deferred<string[]>();
    const saves = vi.fn(() => saving.promise);
    save = saves;
    const first = model.start();
    await vi.advanceTimersByTimeAsync(0);
    model.cancel();
    await first;
    const second = model.start();
    await vi.advanceTimersByTimeAsync(0);
    model.cancel();
    await second;
    const third = model.start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saves).toHaveBeenCalledOnce();
    saving.resolve([]);
    expect((await ended(third)).kind).toBe('ready');
    expect(saves).toHaveBeenCalledTimes(2);
  });

  it('as soon as it has saved begins no job', async () => {
    model.changed.connect(() => {
      if (model.phase === 'preparing') {
        model.cancel();
      }
    });
    expect(await ended(model.start())).toEqual({ kind: 'cancelled' });
    expect(api.created).toEqual([]);
  });

  it('while the server begins the job cancels that job as soon as it is known', async () => {
    const creating = deferred<ReturnType<typeof job>>();
    api.onCreate = () => creating.promise;
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(0);
    model.cancel();
    creating.resolve(ready());
    expect(await ended(pending)).toEqual({ kind: 'cancelled' });
    expect(api.cancelled).toEqual(['e1']);
    expect(delivered).toEqual([]);
  });

  it.each([404, 410])('is fine with a job that is gone already (%i)', async status => {
    api.answers = [job()];
    api.onCancel = () => Promise.reject(new SessionExportError('GONE', '', null, status));
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(300);
    model.cancel();
    expect(await ended(pending)).toEqual({ kind: 'cancelled' });
  });

  it('tells when the server could not be told', async () => {
    api.answers = [job()];
    api.onCancel = () => Promise.reject(unreachable());
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(300);
    model.cancel();
    expect(await ended(pending)).toMatchObject({
      kind: 'failed',
      error: { code: 'SERVER_UNREACHABLE' }
    });
  });

  it('does nothing when no export runs', () => {
    model.cancel();
    expect(model.phase).toBe('idle');
  });

  it('by someone else ends as cancelled, without another request', async () => {
    const error = { code: 'CANCELLED_BY_USER', message: 'Cancelled.', detail: null };
    api.answers = [job({ state: 'cancelled', error })];
    expect(await ended(model.start())).toEqual({ kind: 'cancelled' });
    expect(api.cancelled).toEqual([]);
  });
});

describe('an export that fails', () => {
  it('passes on why the server refuses it', async () => {
    const error = new SessionExportError('TOO_MANY_EXPORTS', 'Too many.', 'Wait.', 429);
    api.onCreate = () => Promise.reject(error);
    expect(await ended(model.start())).toEqual({
      kind: 'failed',
      error,
      request: { scope: 'session' }
    });
    expect(model.running).toBe(false);
  });

  it.each([
    ['failed', { code: 'STORE_DAMAGED', message: 'A blob is damaged.', detail: 'x' }],
    ['cancelled', { code: 'CANCELLED_SESSION_CHANGE', message: 'Changed.', detail: null }]
  ] as const)('passes on why the job is %s', async (state, error) => {
    api.answers = [job({ state, error })];
    expect(await ended(model.start())).toMatchObject({ kind: 'failed', error });
    expect(delivered).toEqual([]);
  });

  it('says what to ask for to have the same again', async () => {
    const { compression, include, session_id } = job();
    const same = { compression, include, session_id };
    api.answers = [job({ state: 'failed' })];
    expect(await ended(model.start())).toMatchObject({
      request: { ...same, scope: 'session' }
    });
    api.answers = [job({ state: 'failed', scope: 'notebook', path: 'a.ipynb' })];
    const outcome = await ended(model.start({ scope: 'notebook', path: 'a.ipynb' }));
    expect(outcome).toMatchObject({
      request: { ...same, scope: 'notebook', path: 'a.ipynb' }
    });
  });

  it('has a code even when the server gives none', async () => {
    api.answers = [job({ state: 'expired' })];
    const outcome = await ended(model.start());
    expect(outcome).toMatchObject({ error: { code: 'EXPORT_FAILED' } });
  });

  it('can be tried again', async () => {
    api.answers = [job({ state: 'failed' }), ready()];
    expect((await ended(model.start())).kind).toBe('failed');
    expect((await ended(model.start())).kind).toBe('ready');
  });

  it('turns whatever is thrown into an error that can be shown', async () => {
    save = () => Promise.reject(new TypeError('odd'));
    expect(await ended(model.start())).toMatchObject({
      kind: 'failed',
      error: { code: 'INTERNAL', message: 'odd' }
    });
  });
});

describe('a server that does not answer for a while', () => {
  it('is asked again', async () => {
    api.answers = [unreachable(), unreachable(), unreachable(), ready()];
    expect((await ended(model.start())).kind).toBe('ready');
  });

  it('is said to be silent until it answers', async () => {
    api.answers = [unreachable(), job(), job(), ready()];
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(300);
    expect(model.isSilent).toBe(true);
    await vi.advanceTimersByTimeAsync(300);
    expect(model.isSilent).toBe(false);
    await ended(pending);
  });

  it('is given up after some seconds', async () => {
    api.answers = [unreachable()];
    expect(await ended(model.start())).toMatchObject({
      error: { code: 'SERVER_UNREACHABLE' }
    });
    expect(api.follows).toBe(6);
  });

  it('is not asked again for what it has refused', async () => {
    api.answers = [new SessionExportError('EXPORT_NOT_FOUND', 'None.', null, 404)];
    expect((await ended(model.start())).kind).toBe('failed');
    expect(api.follows).toBe(1);
  });

  it('does not keep a cancel waiting', async () => {
    api.answers = [unreachable()];
    const pending = model.start();
    await vi.advanceTimersByTimeAsync(2500);
    model.cancel();
    await vi.advanceTimersByTimeAsync(0);
    expect(await pending).toEqual({ kind: 'cancelled' });
  });
});

describe('an export of the page before', () => {
  it('is followed to its end without saving or asking anew', async () => {
    const saves = vi.fn(() => Promise.resolve([]));
    save = saves;
    api.answers = [job(), ready()];
    expect(await ended(model.resume(job()))).toMatchObject({ kind: 'ready' });
    expect(delivered).toHaveLength(1);
    expect(api.created).toEqual([]);
    expect(saves).not.toHaveBeenCalled();
  });

  it('can be cancelled', async () => {
    api.answers = [job()];
    const pending = model.resume(job());
    expect(model.phase).toBe('preparing');
    await vi.advanceTimersByTimeAsync(300);
    model.cancel();
    expect(await ended(pending)).toEqual({ kind: 'cancelled' });
    expect(api.cancelled).toEqual(['e1']);
  });

  it('does not disturb one that is under way', async () => {
    const first = model.start();
    expect(model.resume(job({ id: 'e0' }))).toBe(first);
    await ended(first);
  });
});

it('says nothing any more once it is disposed', async () => {
  const seen = vi.fn();
  api.answers = [job()];
  const pending = model.start();
  await vi.advanceTimersByTimeAsync(300);
  model.ended.connect(seen);
  model.dispose();
  model.dispose();
  expect(model.isDisposed).toBe(true);
  await ended(pending);
  expect(seen).not.toHaveBeenCalled();
});
