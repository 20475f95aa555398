import { expect, it } from 'vitest';

import { changesBetween, type ICell } from '../../src/activity/changes';

const cells = (names: string, type = 'code'): ICell[] =>
  Array.from(names, id => ({ id, type }));

const told = (before: string, after: string): string[] =>
  changesBetween(cells(before), cells(after)).map(
    ({ action, cell_id }) => `${action} ${cell_id}`
  );

it.each([
  ['abc', 'abc', []],
  ['', 'ab', ['cell.add a', 'cell.add b']],
  ['abc', 'axbc', ['cell.add x']],
  ['abc', 'ac', ['cell.delete b']],
  ['abc', 'bca', ['cell.move a']],
  ['abc', 'cab', ['cell.move c']],
  ['abcd', 'acbd', ['cell.move c']],
  ['abcdef', 'xbdcf', ['cell.delete a', 'cell.delete e', 'cell.add x', 'cell.move d']]
])('tells the least that turns %s into %s', (before, after, changes) => {
  expect(told(before, after)).toEqual(changes);
});

it('says where a cell was and is', () => {
  expect(changesBetween(cells('abc'), cells('bca'))).toEqual([
    { action: 'cell.move', cell_id: 'a', type: 'code', index: 2, old_index: 0 }
  ]);
});

it('tells another type of the same cell', () => {
  const after = [...cells('a'), ...cells('b', 'markdown')];
  expect(changesBetween(cells('ab'), after)).toEqual([
    {
      action: 'cell.change_type',
      cell_id: 'b',
      type: 'markdown',
      old_type: 'code',
      index: 1
    }
  ]);
});

it('turns any order into any other with what it tells', () => {
  let seed = 1;
  const random = (most: number): number => {
    seed = (seed * 48271) % 2147483647;
    return seed % most;
  };
  for (let round = 0; round < 300; round++) {
    const pick = () =>
      Array.from('abcdefgh')
        .filter(() => random(3) > 0)
        .sort(() => random(3) - 1);
    const [before, after] = [pick(), pick()];
    const list = [...before];
    const changes = changesBetween(cells(before.join('')), cells(after.join('')));
    // Take away what went or moved, then put each where it is now, in order.
    const gone = changes.filter(({ action }) => action !== 'cell.add');
    const come = changes.filter(({ action }) => action !== 'cell.delete');
    for (const { cell_id } of gone) {
      list.splice(list.indexOf(cell_id), 1);
    }
    for (const { cell_id, index } of come.sort((a, b) => a.index - b.index)) {
      list.splice(index, 0, cell_id);
    }
    expect(list).toEqual(after);
  }
});

it('compares 5000 cells in a moment', () => {
  const many = Array.from({ length: 5000 }, (_, n): ICell => {
    return { id: String(n), type: 'code' };
  });
  expect(changesBetween(many, [...many.slice(1), ...many.slice(0, 1)])).toHaveLength(1);
});
