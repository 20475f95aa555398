import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Tabs, type IChannel } from '../src/tabs';

/** Reaches all channels but the one that speaks, as a BroadcastChannel does. */
class FakeChannel implements IChannel {
  static readonly all = new Set<FakeChannel>();
  onmessage: IChannel['onmessage'] = null;

  constructor() {
    FakeChannel.all.add(this);
  }

  postMessage(data: unknown): void {
    for (const other of FakeChannel.all) {
      if (other !== this) {
        void Promise.resolve().then(() =>
          other.onmessage?.(new MessageEvent('m', { data }))
        );
      }
    }
  }

  close(): void {
    FakeChannel.all.delete(this);
  }
}

function tab(dirty: string[] = [], save = () => Promise.resolve<string[]>([])): Tabs {
  const unsaved = () => dirty.map(path => ({ path }));
  return new Tabs({ channel: new FakeChannel(), unsaved, save });
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeChannel.all.clear();
});

afterEach(() => {
  vi.useRealTimers();
});

async function savedAfter(pending: Promise<string[]>, milliseconds: number) {
  await vi.advanceTimersByTimeAsync(milliseconds);
  const late = Symbol('late');
  return Promise.race([pending, Promise.resolve(late)]);
}

it('saves what every tab has, and takes a moment where there are no others', async () => {
  const saved: string[] = [];
  const saves = (path: string) => () => {
    saved.push(path);
    return Promise.resolve([]);
  };
  tab(['b.ipynb'], saves('b.ipynb'));
  tab([], saves('nothing'));
  const asking = tab(['a.ipynb'], saves('a.ipynb'));
  expect(await savedAfter(asking.saveAll(), 200)).toEqual([]);
  expect(saved.sort()).toEqual(['a.ipynb', 'b.ipynb']);
  expect(vi.getTimerCount()).toBe(0);
});

it('waits for a tab that is still saving', async () => {
  const save = () =>
    new Promise<string[]>(resolve => setTimeout(resolve, 3_000, ['c.ipynb']));
  tab(['b.ipynb', 'c.ipynb'], save);
  const pending = tab().saveAll();
  expect(await savedAfter(pending, 2_000)).toBeTypeOf('symbol');
  expect(await savedAfter(pending, 1_000)).toEqual(['c.ipynb']);
});

it('does not wait for ever for a tab that asks its user', async () => {
  tab(['b.ipynb'], () => new Promise(() => undefined));
  expect(await savedAfter(tab().saveAll(), 10_000)).toEqual(['b.ipynb']);
});

it('counts as unsaved what another tab fails to save, and what this one does', async () => {
  tab(['b.ipynb'], () => Promise.reject(new Error('The disk is full.')));
  const asking = tab(['a.ipynb'], () => Promise.resolve(['a.ipynb']));
  expect(await savedAfter(asking.saveAll(), 200)).toEqual(['a.ipynb', 'b.ipynb']);
});

it('rejects as its own save does', async () => {
  const asking = tab([], () => Promise.reject(new TypeError('odd')));
  await expect(asking.saveAll()).rejects.toThrow('odd');
  expect(vi.getTimerCount()).toBe(0);
});

it('never saves twice at a time', async () => {
  let running = 0;
  let most = 0;
  const save = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(resolve => setTimeout(resolve, 500));
    running -= 1;
    return [];
  };
  const one = tab(['a.ipynb'], save);
  const pending = Promise.all([one.saveAll(), tab().saveAll()]);
  await vi.advanceTimersByTimeAsync(2_000);
  await pending;
  expect(most).toBe(1);
});

it('tells two tabs that ask at once apart', async () => {
  const one = tab(['a.ipynb'], () => Promise.resolve(['a.ipynb']));
  const other = tab(['b.ipynb'], () => Promise.resolve([]));
  const pending = Promise.all([one.saveAll(), other.saveAll()]);
  await vi.advanceTimersByTimeAsync(200);
  expect(await pending).toEqual([['a.ipynb'], ['a.ipynb']]);
});

it('is silent once it is disposed', async () => {
  const save = vi.fn(() => Promise.resolve([]));
  const silent = tab(['b.ipynb'], save);
  silent.dispose();
  silent.dispose();
  expect(silent.isDisposed).toBe(true);
  await savedAfter(tab().saveAll(), 200);
  expect(save).not.toHaveBeenCalled();
});
