/** What happened to the cells of a notebook, told from two looks at them. Pure. */

export interface ICell {
  readonly id: string;
  /** As nbformat has it: code, markdown or raw. */
  readonly type: string;
}

/** One change; the server's schema `page_activity` has the same names. */
export interface ICellChange {
  action: 'cell.add' | 'cell.delete' | 'cell.move' | 'cell.change_type';
  cell_id: string;
  type: string;
  old_type?: string;
  index: number;
  old_index?: number;
}

interface IPlaced extends ICell {
  readonly index: number;
}

/**
 * Return what turns `before` into `after`.
 *
 * JupyterLab says which places of the list have changed, but not which cells are gone, and
 * moves a cell by deleting it and putting another with its id elsewhere.
 */
export function changesBetween(
  before: readonly ICell[],
  after: readonly ICell[]
): ICellChange[] {
  const old = placed(before);
  const present = placed(after);
  const deleted = [...old.values()].filter(({ id }) => !present.has(id));
  const added = [...present.values()].filter(({ id }) => !old.has(id));
  const kept = [...present.values()].filter(({ id }) => old.has(id));
  const resting = new Set(
    longestRising(kept.map(cell => old.get(cell.id)?.index ?? 0)).map(at => kept[at]?.id)
  );
  return [
    ...deleted.map(({ id, type, index }): ICellChange => {
      return { action: 'cell.delete', cell_id: id, type, index };
    }),
    ...added.map(({ id, type, index }): ICellChange => {
      return { action: 'cell.add', cell_id: id, type, index };
    }),
    ...kept.flatMap(cell => changesOf(cell, old.get(cell.id), resting.has(cell.id)))
  ];
}

function changesOf(
  { id, type, index }: IPlaced,
  before: IPlaced | undefined,
  rests: boolean
): ICellChange[] {
  const changes: ICellChange[] = [];
  if (before && before.type !== type) {
    changes.push({
      action: 'cell.change_type',
      cell_id: id,
      type,
      old_type: before.type,
      index
    });
  }
  if (before && !rests) {
    changes.push({
      action: 'cell.move',
      cell_id: id,
      type,
      index,
      old_index: before.index
    });
  }
  return changes;
}

function placed(cells: readonly ICell[]): Map<string, IPlaced> {
  return new Map(cells.map(({ id, type }, index) => [id, { id, type, index }]));
}

/** Return the places of a longest rising subsequence: what is not in it has moved. */
function longestRising(values: readonly number[]): number[] {
  const previous: number[] = [];
  /** For each length, the place of the smallest value that a subsequence of it ends with. */
  const ends: number[] = [];
  values.forEach((value, at) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[ends[middle] ?? 0] ?? 0) < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    previous[at] = ends[low - 1] ?? -1;
    ends[low] = at;
  });
  const rising: number[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) {
    rising.push(at);
  }
  return rising.reverse();
}
