/** What cells showed before outputs were restored into them. */
import { contentOf, type IContent, type IRestorable } from './cell';
import type { IRun } from './contract';
import { canonical } from './digest';

/** What a cell showed, and what it was made to show. */
export interface IChange {
  run: IRun;
  before: IContent;
  /** Null while it goes on. */
  after: string | null;
}

export class Changes {
  /** `goesOn` tells whether what a cell shows is being added to. */
  constructor(private readonly goesOn: (cellId: string) => boolean) {}

  get size(): number {
    return this._all.size;
  }

  /** Keep what a cell shows; of several restorings in turn what it showed before all of them. */
  note(run: IRun, cell: IRestorable): void {
    const last = this._all.get(cell.id);
    const before = last && this._isOurs(last, cell) ? last.before : contentOf(cell);
    this._all.set(cell.id, { run, before, after: null });
  }

  /** A cell shows all that it is to show. */
  done(cell: IRestorable): void {
    const change = this._all.get(cell.id);
    if (change) {
      change.after = shownText(cell);
    }
  }

  /** Forget all; return those of cells that show what they were made to show. */
  takeOurs(cells: ReadonlyMap<string, IRestorable>): [IRestorable, IChange][] {
    const ours: [IRestorable, IChange][] = [];
    for (const [id, change] of this._all) {
      const cell = cells.get(id);
      if (cell && this._isOurs(change, cell)) {
        ours.push([cell, change]);
      }
    }
    this._all.clear();
    return ours;
  }

  clear(): void {
    this._all.clear();
  }

  private _isOurs({ after }: IChange, cell: IRestorable): boolean {
    return this.goesOn(cell.id) || after === shownText(cell);
  }

  private readonly _all = new Map<string, IChange>();
}

/** What a cell shows, so that it can be compared. */
export function shownText(cell: IRestorable): string {
  return canonical(cell.outputs.toJSON());
}
