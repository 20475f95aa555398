import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Delivery } from '../src/delivery';
import { ExportModel } from '../src/export';
import { lookBack, UnfinishedExports } from '../src/unfinished';
import { FakeClientApi, FakeExportApi, job, ready, sending } from './fakes';

let unfinished: UnfinishedExports;

beforeEach(() => {
  sessionStorage.clear();
  unfinished = new UnfinishedExports(() => sessionStorage);
});

describe('the list', () => {
  it('outlives the page', () => {
    unfinished.add('e1');
    expect(new UnfinishedExports(() => sessionStorage).ids).toEqual(['e1']);
    unfinished.remove('e1', 'e2');
    expect(sessionStorage).toHaveLength(0);
  });

  it('has each export once, and forgets the oldest', () => {
    for (let number = 0; number < 30; number++) {
      unfinished.add(`e${number}`);
      unfinished.add(`e${number}`);
    }
    expect(unfinished.ids).toHaveLength(20);
    expect(unfinished.ids[0]).toBe('e29');
  });

  it.each(['{', '{"a": 1}', '[1, null]'])('takes what is none for empty: %s', text => {
    sessionStorage.setItem('jupyter-session-export:unfinished', text);
    expect(unfinished.ids).toEqual([]);
  });
});

describe('while an export runs', () => {
  let api: FakeExportApi;
  let delivery: Delivery;
  let model: ExportModel;

  beforeEach(() => {
    vi.useFakeTimers();
    api = new FakeExportApi();
    delivery = new Delivery({ api, hand: () => undefined });
    model = new ExportModel({
      api,
      save: () => Promise.resolve([]),
      clientId: () => Promise.resolve('c1'),
      deliver: ready => void delivery.begin(ready)
    });
    unfinished.watch(model, delivery);
  });

  afterEach(() => {
    model.dispose();
    delivery.dispose();
    vi.useRealTimers();
  });

  it('is on the list until all of its ZIP was sent', async () => {
    api.answers = [job(), ready(), sending(10), ready({ delivered: 1 })];
    void model.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(unfinished.ids).toEqual(['e1']);
    await vi.advanceTimersByTimeAsync(700);
    expect(delivery.state.kind).toBe('sending');
    expect(unfinished.ids).toEqual(['e1']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(unfinished.ids).toEqual([]);
  });

  it.each(['failed', 'cancelled'] as const)('is off the list when %s', async state => {
    const error = { code: 'CANCELLED_BY_USER', message: '', detail: null };
    api.answers = [job({ state, error })];
    void model.start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(unfinished.ids).toEqual([]);
  });

  it('stays on the list when its download was interrupted', async () => {
    api.answers = [ready(), sending(10), ready()];
    void model.start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(delivery.state.kind).toBe('interrupted');
    expect(unfinished.ids).toEqual(['e1']);
  });
});

describe('the page after', () => {
  const error = { code: 'CANCELLED_SESSION_CHANGE', message: 'Reloaded.', detail: null };
  const cutShort = job({ state: 'cancelled', error });
  const clientId = () => Promise.resolve('c1');

  it('learns what loading it has ended, once', async () => {
    const api = new FakeClientApi();
    api.jobs = [cutShort];
    unfinished.add('e1');
    expect(await lookBack(api, clientId, unfinished)).toEqual({
      ended: [cutShort],
      goingOn: []
    });
    const again = await lookBack(api, clientId, unfinished);
    expect(again.ended).toEqual([]);
    expect(api.asked).toBe(1);
  });

  it('does not ask when nothing was under way', async () => {
    const api = new FakeClientApi();
    await lookBack(api, clientId, unfinished);
    expect(api.asked).toBe(0);
  });

  it('learns what goes on where nothing is ended', async () => {
    const api = new FakeClientApi();
    api.jobs = [job(), ready({ id: 'e2' })];
    unfinished.add('e1');
    unfinished.add('e2');
    expect(await lookBack(api, clientId, unfinished)).toEqual({
      ended: [],
      goingOn: [job()]
    });
  });

  it.each([
    ['of another tab', { client_id: 'c2' }],
    ['that this tab has not begun', { id: 'e9' }],
    ['that was delivered before', { delivered: 1 }],
    ['that ended for another reason', { error: { ...error, code: 'STORE_DAMAGED' } }],
    ['without an error', { error: null }]
  ])('has no word on an export %s', async (_, changes) => {
    const api = new FakeClientApi();
    api.jobs = [{ ...cutShort, ...changes }];
    unfinished.add('e1');
    expect((await lookBack(api, clientId, unfinished)).ended).toEqual([]);
  });
});
