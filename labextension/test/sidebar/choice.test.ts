import { expect, it } from 'vitest';

import { chosenBytes, DEFAULT_CHOICE, withSection } from '../../src/sidebar/choice';
import { stats } from './fakes';

it('is all but the workspace by default', () => {
  expect(DEFAULT_CHOICE.include).toHaveLength(7);
  expect(DEFAULT_CHOICE.include).not.toContain('workspace');
  expect(DEFAULT_CHOICE.compression).toBe('maximum');
});

it("keeps the ZIP's order", () => {
  const without = withSection(DEFAULT_CHOICE, 'code', false);
  expect(without.include[0]).toBe('executions');
  expect(withSection(without, 'code', true)).toEqual(DEFAULT_CHOICE);
});

it('sums what is chosen', () => {
  expect(chosenBytes(DEFAULT_CHOICE, stats())).toEqual({ bytes: 7000, isWhole: true });
  const fewer = withSection(DEFAULT_CHOICE, 'code', false);
  expect(chosenBytes(fewer, stats()).bytes).toBe(6000);
});

it('says where a part of the sum is missing', () => {
  const { sections } = stats();
  const choice = withSection(DEFAULT_CHOICE, 'workspace', true);
  const unmeasured = { session_id: 's1', sections: { ...sections, workspace: null } };
  expect(chosenBytes(choice, unmeasured)).toEqual({ bytes: 7000, isWhole: false });
  expect(chosenBytes(choice, { session_id: 's1' }).isWhole).toBe(false);
});
