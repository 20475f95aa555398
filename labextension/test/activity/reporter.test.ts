import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ActivityReporter, type IBatch } from '../../src/activity/reporter';

let batches: IBatch[];
let reporter: ActivityReporter;
let answer: () => Promise<void>;

const add = (count: number) => {
  for (let n = 0; n < count; n++) {
    reporter.add({ action: 'cell.add', notebook: 'a.ipynb', cell_id: `c${n}` });
  }
};

beforeEach(() => {
  vi.useFakeTimers();
  batches = [];
  answer = () => Promise.resolve();
  reporter = new ActivityReporter(batch => {
    batches.push(batch);
    return answer();
  });
});

afterEach(() => {
  vi.useRealTimers();
});

it('sends what happens within a second as one batch', async () => {
  add(2);
  await vi.advanceTimersByTimeAsync(999);
  add(1);
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(batches.map(({ events }) => events.length)).toEqual([3]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(batches).toHaveLength(1);
});

it('sends 200 at once at most, one batch a second', async () => {
  add(450);
  await vi.advanceTimersByTimeAsync(1000);
  expect(batches.map(({ events }) => events.length)).toEqual([200]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(batches.map(({ events }) => events.length)).toEqual([200, 200, 50]);
});

it('counts what it has no room for', async () => {
  add(1500);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(batches.flatMap(({ events }) => events)).toHaveLength(1000);
  expect(batches[0]?.left_out).toBe(500);
  expect(batches[1]?.left_out).toBeUndefined();
});

it('cuts a batch so that a page that goes may send it', async () => {
  const notebook = `${'é'.repeat(500)}.ipynb`;
  for (let n = 0; n < 130; n++) {
    reporter.add({ action: 'cell.add', notebook, cell_id: `c${n}` });
  }
  await vi.advanceTimersByTimeAsync(5000);
  const sizes = batches.map(batch => new Blob([JSON.stringify(batch)]).size);
  expect(Math.max(...sizes)).toBeLessThan(64 * 1024);
  expect(Math.max(...sizes)).toBeGreaterThan(55_000);
  const sent = batches.flatMap(({ events }) => events.map(({ cell_id }) => cell_id));
  expect(sent).toEqual(Array.from({ length: 130 }, (_, n) => `c${n}`));
});

it('sends an event that is too large by itself alone', async () => {
  reporter.add({ action: 'cell.add', notebook: 'x'.repeat(70_000) });
  add(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(batches.map(({ events }) => events.length)).toEqual([1, 1]);
});

it('sends nothing twice, and says how many the server did not get', async () => {
  answer = () => Promise.reject(new Error('The server is away.'));
  add(3);
  await vi.advanceTimersByTimeAsync(1000);
  expect(batches).toHaveLength(1);
  answer = () => Promise.resolve();
  add(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(batches[1]).toMatchObject({ left_out: 3, events: [{ cell_id: 'c0' }] });
});

it('says so also where no event comes after, once', async () => {
  answer = () => Promise.reject(new Error('The server is away.'));
  add(3);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(batches.slice(1)).toEqual([{ events: [], left_out: 3 }]);
  answer = () => Promise.resolve();
  reporter.flush();
  reporter.flush();
  expect(batches.slice(2)).toEqual([{ events: [], left_out: 3 }]);
});

it('says how many it could not send any more when it is disposed', () => {
  add(250);
  reporter.dispose();
  expect(batches).toMatchObject([{ left_out: 50 }]);
  expect(batches[0]?.events).toHaveLength(200);
});

it('waits for an answer before it sends more', async () => {
  let done: () => void = () => undefined;
  answer = () =>
    new Promise(resolve => {
      done = resolve;
    });
  add(1);
  await vi.advanceTimersByTimeAsync(1000);
  add(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(batches).toHaveLength(1);
  done();
  await vi.advanceTimersByTimeAsync(1000);
  expect(batches).toHaveLength(2);
});

it('sends the rest when it is disposed, and takes no more', () => {
  add(1);
  reporter.dispose();
  add(1);
  vi.advanceTimersByTime(5000);
  expect(batches.map(({ events }) => events.length)).toEqual([1]);
});
