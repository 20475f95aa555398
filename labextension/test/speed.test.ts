import { expect, it } from 'vitest';

import { Speed } from '../src/speed';

function measured(...samples: [at: number, bytes: number][]): Speed {
  const speed = new Speed();
  for (const [at, bytes] of samples) {
    speed.add(bytes, at);
  }
  return speed;
}

it('is not known before half a second has passed', () => {
  expect(measured().bytesPerSecond).toBeNull();
  expect(measured([0, 0], [250, 1_000]).bytesPerSecond).toBeNull();
  expect(measured([0, 0], [250, 1_000]).remaining(2_000)).toBeNull();
});

it('is that of the last five seconds', () => {
  expect(measured([0, 0], [1_000, 500]).bytesPerSecond).toBe(500);
  const faster = measured([0, 0], [5_000, 5_000], [10_000, 50_000], [11_000, 59_000]);
  expect(faster.bytesPerSecond).toBe(9_000);
});

it('tells how long the rest takes', () => {
  expect(measured([0, 0], [1_000, 500]).remaining(2_000)).toBe(3);
  expect(measured([0, 0], [1_000, 500]).remaining(400)).toBe(0);
});

it('tells nothing of the rest while nothing moves', () => {
  expect(measured([0, 500], [1_000, 500]).remaining(2_000)).toBeNull();
});

it('begins anew with a sending that begins anew', () => {
  const again = measured([0, 0], [1_000, 9_000], [2_000, 100]);
  expect(again.bytesPerSecond).toBeNull();
  again.add(1_100, 3_000);
  expect(again.bytesPerSecond).toBe(1_000);
});
