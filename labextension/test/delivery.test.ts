import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Delivery } from '../src/delivery';
import { SessionExportError } from '../src/errors';
import { FakeExportApi, ready, sending } from './fakes';

let api: FakeExportApi;
let delivery: Delivery;
let handed: string[];
let kinds: string[];

beforeEach(() => {
  vi.useFakeTimers();
  api = new FakeExportApi();
  handed = [];
  kinds = [];
  delivery = new Delivery({
    api,
    hand: (url, filename) => handed.push(`${filename} from ${url}`)
  });
  delivery.changed.connect(({ state }) => {
    if (kinds.at(-1) !== state.kind) {
      kinds.push(state.kind);
    }
  });
});

afterEach(() => {
  delivery.dispose();
  vi.useRealTimers();
});

async function run(seconds = 60): Promise<void> {
  void delivery.begin(ready());
  await vi.advanceTimersByTimeAsync(seconds * 1_000);
}

const sent = () => ready({ delivered: 1 });
const unreachable = () => new SessionExportError('SERVER_UNREACHABLE', 'No answer');

it('hands the ZIP to the browser and follows it to its end', async () => {
  api.answers = [ready(), sending(4_000_000), sending(8_000_000), sent()];
  await run();
  expect(handed).toEqual(['session_export_2026-11-20.zip from /exports/e1/download']);
  expect(kinds).toEqual(['starting', 'sending', 'done']);
  expect(api.follows).toBe(4);
  expect(vi.getTimerCount()).toBe(0);
});

it('knows how far it is, how fast and how long', async () => {
  api.answers = [0, 1, 2, 3].map(megabytes => sending(megabytes * 1_000_000));
  await run(1);
  expect(delivery.state).toMatchObject({
    kind: 'sending',
    position: 3_000_000,
    total: 12_345_678
  });
  const { state } = delivery;
  expect(state.kind === 'sending' && state.bytesPerSecond).toBeCloseTo(4_000_000, -3);
  expect(state.kind === 'sending' && state.remaining).toBeCloseTo(2.34, 1);
});

it('counts what an earlier sending has sent', async () => {
  api.answers = [sending(1_000_000, 5_000_000)];
  await run(1);
  expect(delivery.state).toMatchObject({ position: 6_000_000 });
});

it('sees a small ZIP as sent that no look saw on its way', async () => {
  api.answers = [sent()];
  await run();
  expect(kinds).toEqual(['starting', 'done']);
});

it('leaves a browser alone that does not begin', async () => {
  api.answers = [ready()];
  await run();
  expect(delivery.state.kind).toBe('unseen');
  expect(api.follows).toBe(40);
});

describe('a sending that breaks', () => {
  it('is interrupted where nothing takes it up again', async () => {
    api.answers = [sending(1_000_000), ready()];
    await run();
    expect(delivery.state).toEqual({
      kind: 'interrupted',
      position: 1_000_000,
      total: 12_345_678
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on where the browser resumes it at once', async () => {
    api.answers = [sending(1_000_000), ready(), sending(10, 1_000_000), sent()];
    await run();
    expect(kinds).toEqual(['starting', 'sending', 'done']);
  });

  it('can be handed over again as long as it is ready', async () => {
    api.answers = [sending(1_000_000), ready()];
    await run();
    kinds = [];
    api.answers = [ready({ bytes: 5 }), sent()];
    api.follows = 0;
    void delivery.again();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(handed).toHaveLength(2);
    expect(kinds).toEqual(['starting', 'done']);
  });

  it('is not handed over again once the ZIP is gone', async () => {
    api.answers = [sending(1_000_000), ready()];
    await run();
    const error = { code: 'EXPORT_EXPIRED', message: 'Gone.', detail: null };
    api.answers = [ready({ state: 'expired', error })];
    await delivery.again();
    expect(handed).toHaveLength(1);
    expect(delivery.state).toMatchObject({ kind: 'failed', error });
  });
});

describe('an export that ends', () => {
  it('tells why', async () => {
    const error = { code: 'CANCELLED_SESSION_CHANGE', message: 'Ended.', detail: null };
    api.answers = [sending(10), ready({ state: 'cancelled', error })];
    await run();
    expect(delivery.state).toMatchObject({ kind: 'failed', error });
  });

  it('has a code even when the server gives none', async () => {
    api.answers = [ready({ state: 'expired' })];
    await run();
    expect(delivery.state).toMatchObject({ error: { code: 'EXPORT_EXPIRED' } });
  });

  it('by its user is cancelled', async () => {
    const error = { code: 'CANCELLED_BY_USER', message: 'Cancelled.', detail: null };
    api.answers = [sending(10), ready({ state: 'cancelled', error })];
    await run();
    expect(delivery.state.kind).toBe('cancelled');
  });
});

describe('cancelling', () => {
  it('lets the server stop, and looks no more', async () => {
    api.answers = [sending(10)];
    await run(1);
    await delivery.cancel();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.cancelled).toEqual(['e1']);
    expect(delivery.state.kind).toBe('cancelled');
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([404, 410])('is fine with an export that is gone (%i)', async status => {
    api.answers = [sending(10)];
    api.onCancel = () => Promise.reject(new SessionExportError('X', '', null, status));
    await run(1);
    await delivery.cancel();
    expect(delivery.state.kind).toBe('cancelled');
  });

  it('tells when the server could not be told', async () => {
    api.answers = [sending(10)];
    api.onCancel = () => Promise.reject(unreachable());
    await run(1);
    await delivery.cancel();
    expect(delivery.state).toMatchObject({ error: { code: 'SERVER_UNREACHABLE' } });
  });
});

describe('a server that does not answer', () => {
  it('is asked again', async () => {
    api.answers = [sending(10), unreachable(), unreachable(), sent()];
    void delivery.begin(ready());
    await vi.advanceTimersByTimeAsync(600);
    expect(delivery.isSilent).toBe(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(delivery.isSilent).toBe(false);
    expect(delivery.state.kind).toBe('done');
  });

  it('is given up after some seconds', async () => {
    api.answers = [sending(10), unreachable()];
    await run();
    expect(delivery.state).toMatchObject({ error: { code: 'SERVER_UNREACHABLE' } });
  });
});

it('says nothing of a ZIP that another has replaced', async () => {
  api.answers = [sending(10)];
  await run(1);
  void delivery.begin(ready({ id: 'e2' }));
  await vi.advanceTimersByTimeAsync(100);
  expect(delivery.job?.id).toBe('e2');
  expect(delivery.state.kind).toBe('starting');
});

it('looks no more at what it has left', async () => {
  api.answers = [sending(10)];
  await run(1);
  delivery.leave();
  expect(delivery.state.kind).toBe('idle');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(vi.getTimerCount()).toBe(0);
  await delivery.again();
  await delivery.cancel();
  expect(delivery.state.kind).toBe('idle');
  expect(api.cancelled).toEqual([]);
});

it('says nothing any more once it is disposed', async () => {
  api.answers = [sending(10)];
  await run(1);
  kinds = [];
  delivery.dispose();
  delivery.dispose();
  expect(delivery.isDisposed).toBe(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(kinds).toEqual([]);
});
