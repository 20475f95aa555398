import { beforeEach, expect, it, vi } from 'vitest';

import { claimClientId, claimedOnce, type ILocks } from '../src/client';

/** The browser's locks, shared by all tabs. */
class FakeLocks implements ILocks {
  readonly held = new Set<string>();

  request(
    name: string,
    _options: { ifAvailable: true },
    callback: (lock: unknown) => Promise<void> | undefined
  ): Promise<unknown> {
    const free = !this.held.has(name);
    this.held.add(name);
    return Promise.resolve(callback(free ? { name } : null));
  }
}

beforeEach(() => {
  sessionStorage.clear();
});

it('makes an id of 32 hex digits and keeps it', async () => {
  const id = await claimClientId(sessionStorage);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await claimClientId(sessionStorage)).toBe(id);
});

it('keeps the id over a reload, when the old page has let go of its lock', async () => {
  const id = await claimClientId(sessionStorage, new FakeLocks());
  expect(await claimClientId(sessionStorage, new FakeLocks())).toBe(id);
});

it('gives a duplicated tab an id of its own', async () => {
  const locks = new FakeLocks();
  const id = await claimClientId(sessionStorage, locks);
  const other = await claimClientId(sessionStorage, locks);
  expect(other).not.toBe(id);
  expect(locks.held.size).toBe(2);
  expect(await claimClientId(sessionStorage)).toBe(other);
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
