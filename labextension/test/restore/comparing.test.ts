import { expect, it } from 'vitest';

import { compare, judge, type IShown } from '../../src/restore/comparing';
import { run, STARTED } from './fakes';

const EMPTY: IShown = {
  executionCount: null,
  outputs: 0,
  startedAt: null,
  isRunning: false
};
const LATER = Date.parse(STARTED) + 60_000;

it('restores what a cell has never shown', () => {
  expect(compare(EMPTY, run(), 'k1')).toBe('newer');
  expect(compare(EMPTY, run({ current_kernel: false }), null)).toBe('newer');
});

it('looks closer where the figures are the same', () => {
  const shown = { ...EMPTY, executionCount: 3, outputs: 1 };
  expect(compare(shown, run(), 'k1')).toBe('alike');
  expect(compare({ ...shown, outputs: 0 }, run({ outputs: 0 }), 'k1')).toBe('same');
  expect(judge(shown, run())).toBe('newer');
  expect(judge(shown, run({ current_kernel: false }))).toBe('perhaps');
  expect(judge(shown, run({ truncated: true }))).toBe('same');
});

it('leaves a page alone that shows a later run', () => {
  const shown = { ...EMPTY, executionCount: 4, outputs: 1 };
  expect(compare(shown, run(), 'k1')).toBe('same');
  const timed = { ...EMPTY, executionCount: 1, outputs: 1, startedAt: LATER };
  expect(compare(timed, run(), 'k1')).toBe('same');
});

it('is not sure of a record that has not all of what a page may show', () => {
  const shown = { ...EMPTY, executionCount: 3, outputs: 2 };
  expect(compare(shown, run({ truncated: true }), 'k1')).toBe('perhaps');
  expect(compare(EMPTY, run({ truncated: true }), 'k1')).toBe('newer');
});

it('does not trust the numbers of another kernel', () => {
  const shown = { ...EMPTY, executionCount: 4, outputs: 1 };
  expect(compare(shown, run({ current_kernel: false }), 'k2')).toBe('perhaps');
  const earlier = { ...shown, startedAt: Date.parse(STARTED) - 60_000 };
  expect(compare(earlier, run({ current_kernel: false }), 'k2')).toBe('newer');
});

it('follows what goes on in its own kernel only', () => {
  const going = run({ status: 'running', execution_count: 3, outputs_digest: null });
  expect(compare(EMPTY, going, 'k1')).toBe('running');
  expect(compare(EMPTY, { ...going, status: 'queued' }, 'k1')).toBe('running');
  expect(compare(EMPTY, going, 'k2')).toBe('same');
  expect(compare({ ...EMPTY, isRunning: true }, going, 'k1')).toBe('same');
});

it('notices that a page waits for what is over', () => {
  expect(compare({ ...EMPTY, isRunning: true }, run(), 'k1')).toBe('awaited');
});

it('has nothing to restore of a run that told nothing', () => {
  const nothing = { outputs: 0, execution_count: null };
  expect(compare(EMPTY, run({ ...nothing, status: 'aborted' }), 'k1')).toBe('same');
  expect(compare(EMPTY, run({ outputs: 0, status: 'lost' }), 'k1')).toBe('same');
});
