import { expect, it } from 'vitest';

import { reachOf, remainingOf, Speedometer } from '../../src/sidebar/speed';
import { transfer } from './fakes';

it('forgets what was not seen any more', () => {
  const speedometer = new Speedometer();
  speedometer.note(new Map([['a', 0]]), 0);
  speedometer.note(new Map(), 1_000);
  speedometer.note(new Map([['a', 5_000]]), 2_000);
  expect(speedometer.speed('a')).toBeNull();
});

it('knows the speed also after a look that came late', () => {
  const speedometer = new Speedometer();
  speedometer.note(new Map([['a', 0]]), 0);
  speedometer.note(new Map([['a', 60_000]]), 60_000);
  expect(speedometer.speed('a')).toBe(1_000);
});

it('counts a resumed download from where it began', () => {
  const resumed = transfer({ first_byte: 5_000_000, sent_bytes: 1_000_000 });
  expect(reachOf(resumed)).toMatchObject({ reached: 6_000_000, percent: 60 });
  expect(remainingOf(resumed, 1_000_000)).toBe(4);
});

it('knows no remaining time without a speed or a whole', () => {
  expect(remainingOf(transfer(), null)).toBeNull();
  expect(remainingOf(transfer(), 0)).toBeNull();
  expect(remainingOf(transfer({ total_bytes: null }), 1_000)).toBeNull();
});
