import { expect, it } from 'vitest';

import { Declined } from '../../src/restore/declined';

function stored(content: string | null = null) {
  const storage = {
    content,
    getItem: () => storage.content,
    setItem: (_: string, value: string) => {
      storage.content = value;
    }
  };
  return { storage, declined: new Declined(() => storage, 'name') };
}

it('remembers the newest thousand', () => {
  const { storage, declined } = stored();
  declined.add(Array.from({ length: 1_000 }, (_, number) => `r${number}`));
  declined.add(['r0', 'new']);
  const all = new Declined(() => storage, 'name').all();
  expect(all.size).toBe(1_000);
  expect([all.has('r0'), all.has('r1'), all.has('new')]).toEqual([true, false, true]);
});

it('has nothing where the browser has no storage, or something else in it', () => {
  for (const content of ['{', '{}', '[1]']) {
    expect(stored(content).declined.all().size).toBe(0);
  }
  const refused = () => {
    throw new Error('not allowed');
  };
  const declined = new Declined(refused, 'name');
  declined.add(['a']);
  expect(declined.all().size).toBe(0);
});
