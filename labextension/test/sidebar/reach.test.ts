import { expect, it } from 'vitest';

import { reachOf } from '../../src/sidebar/reach';
import { transfer } from './fakes';

it('counts a resumed download from where it began', () => {
  const resumed = transfer({ first_byte: 5_000_000, sent_bytes: 1_000_000 });
  expect(reachOf(resumed)).toMatchObject({ reached: 6_000_000, percent: 60 });
});

it('knows no percent without a whole, and never more than all of it', () => {
  expect(reachOf(transfer({ total_bytes: null })).percent).toBeNull();
  expect(reachOf(transfer({ sent_bytes: 11_000_000 })).percent).toBe(100);
});
