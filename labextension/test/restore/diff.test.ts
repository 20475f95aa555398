import { expect, it } from 'vitest';

import { lineDiff } from '../../src/restore/diff';

const shown = (before: string, after: string) =>
  lineDiff(before, after).map(
    ({ kind, text }) => `${{ same: ' ', before: '-', after: '+' }[kind]}${text}`
  );

it('tells which lines have stayed, gone and come', () => {
  expect(shown('a\nb\nc', 'a\nc\nd')).toEqual([' a', '-b', ' c', '+d']);
  expect(shown('a', 'a')).toEqual([' a']);
  expect(shown('', 'a')).toEqual(['-', '+a']);
  expect(shown('a\na', 'a')).toEqual([' a', '-a']);
});

it('gives both codes back', () => {
  const codes = ['', 'a', 'a\nb', 'b\na\nb', 'c\na\n\nb\nc', 'a\nb\nc\na\nb'];
  for (const before of codes) {
    for (const after of codes) {
      const found = lineDiff(before, after);
      const without = (kind: string) =>
        found
          .filter(line => line.kind !== kind)
          .map(({ text }) => text)
          .join('\n');
      expect(without('after')).toBe(before);
      expect(without('before')).toBe(after);
    }
  }
});

it('shows what is too much to compare as one block', () => {
  const lines = (mark: string) =>
    Array.from({ length: 1_500 }, (_, number) => `${mark}${number}`).join('\n');
  expect(lineDiff(lines('a'), lines('b'))).toHaveLength(3_000);
});
