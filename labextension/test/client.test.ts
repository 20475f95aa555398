import { beforeEach, describe, expect, it, vi } from 'vitest';

import { arrivedOnce, claimClientId, claimedOnce, type ILocks } from '../src/client';

/** The browser's locks, shared by all tabs. */
class FakeLocks implements ILocks {
  readonly held = new Map<string, Promise<void>>();

  async request(
    name: string,
    { signal }: { signal: AbortSignal },
    callback: () => Promise<void>
  ): Promise<unknown> {
    const gaveUp = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    await Promise.race([this.held.get(name), gaveUp]);
    const held = callback();
    this.held.set(name, held);
    return held;
  }
}

let waiting: AbortController;

beforeEach(() => {
  sessionStorage.clear();
  waiting = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => waiting.signal);
});

it('makes an id of 32 hex digits and keeps it', async () => {
  const id = await claimClientId(sessionStorage, new FakeLocks());
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await claimClientId(sessionStorage, new FakeLocks())).toBe(id);
});

describe('without locks', () => {
  it('keeps the id over a reload', async () => {
    const id = await claimClientId(sessionStorage);
    window.dispatchEvent(new Event('pagehide'));
    expect(await claimClientId(sessionStorage)).toBe(id);
  });

  it('gives a duplicated tab an id of its own', async () => {
    const id = await claimClientId(sessionStorage);
    expect(await claimClientId(sessionStorage)).not.toBe(id);
  });

  it('holds the id again when the browser brings the page back', async () => {
    const id = await claimClientId(sessionStorage);
    window.dispatchEvent(new Event('pagehide'));
    window.dispatchEvent(new Event('pageshow'));
    expect(await claimClientId(sessionStorage)).not.toBe(id);
  });
});

it('keeps the id over a reload, when the old page lets go of its lock late', async () => {
  const locks = new FakeLocks();
  let letGo: () => void = () => undefined;
  const id = await claimClientId(sessionStorage, locks);
  const name = `jupyter-session-export:client:${id}`;
  locks.held.set(
    name,
    new Promise(resolve => {
      letGo = resolve;
    })
  );
  const claimed = claimClientId(sessionStorage, locks);
  letGo();
  expect(await claimed).toBe(id);
});

it('gives a duplicated tab an id of its own', async () => {
  const locks = new FakeLocks();
  const id = await claimClientId(sessionStorage, locks);
  const claimed = claimClientId(sessionStorage, locks);
  const first = waiting;
  waiting = new AbortController();
  first.abort();
  const other = await claimed;
  expect(other).not.toBe(id);
  expect(locks.held.size).toBe(2);
  expect(await claimClientId(sessionStorage, new FakeLocks())).toBe(other);
});

it('rejects when the browser refuses locks', async () => {
  const refusing: ILocks = { request: () => Promise.reject(new Error('SecurityError')) };
  await expect(claimClientId(sessionStorage, refusing)).rejects.toThrow('SecurityError');
});

it('is claimed only once, however often it is asked for', async () => {
  const claim = vi.fn(() => Promise.resolve('c1'));
  const clientId = claimedOnce(claim);
  expect(await Promise.all([clientId(), clientId()])).toEqual(['c1', 'c1']);
  expect(await clientId()).toBe('c1');
  expect(claim).toHaveBeenCalledOnce();
});

it('is claimed anew after a claim that failed', async () => {
  const claim = vi.fn(() => Promise.resolve('c1'));
  claim.mockRejectedValueOnce(new Error('SecurityError'));
  const clientId = claimedOnce(claim);
  await expect(clientId()).rejects.toThrow('SecurityError');
  expect(await clientId()).toBe('c1');
});

describe('the arrival of a page', () => {
  it('is told once, before anybody learns the id', async () => {
    const told: string[] = [];
    const arrive = arrivedOnce(
      () => Promise.resolve('c1'),
      id => Promise.resolve(told.push(id))
    );
    expect(await Promise.all([arrive(), arrive()])).toEqual(['c1', 'c1']);
    expect(told).toEqual(['c1']);
  });

  it('is told anew where the server did not hear it, with the same id', async () => {
    const claim = vi.fn(() => Promise.resolve('c1'));
    const raise = vi.fn(() => Promise.resolve());
    raise.mockRejectedValueOnce(new Error('No answer'));
    const arrive = arrivedOnce(claim, raise);
    await expect(arrive()).rejects.toThrow('No answer');
    expect(await arrive()).toBe('c1');
    expect(claim).toHaveBeenCalledOnce();
    expect(raise).toHaveBeenCalledTimes(2);
  });
});
