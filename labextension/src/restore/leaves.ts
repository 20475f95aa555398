/** Cells that a person has run or cleared: what was begun before that doesn't touch them. */

export class Leaves {
  /** A moment, to ask later what was left since then. */
  get now(): number {
    return this._count;
  }

  add(cellId: string): void {
    this._count += 1;
    this._last.set(cellId, this._count);
  }

  has(cellId: string, since: number): boolean {
    return (this._last.get(cellId) ?? 0) > since;
  }

  private _count = 0;
  /** The number of the last leave of each cell. */
  private readonly _last = new Map<string, number>();
}
