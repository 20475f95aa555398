/** A list of recorded runs of which one is looked at. Knows no widget. */
import { Signal, type ISignal } from '@lumino/signaling';

import { SessionExportError } from '../errors';
import { type IRun, type IRunOutputs, type ISourcedRun } from './contract';

/** A run in the list, and what is said of it besides. */
export interface IEntry {
  run: ISourcedRun;
  /** How often its cell ran, in a list of cells. */
  runs?: number;
}

export interface IPage {
  entries: IEntry[];
  hasMore: boolean;
}

export interface IHistoryOptions {
  /** The next entries. */
  more: () => Promise<IPage>;
  outputs: (run: IRun) => Promise<IRunOutputs>;
}

export class History {
  constructor(private readonly options: IHistoryOptions) {}

  get entries(): readonly IEntry[] {
    return this._entries;
  }

  /** There may be more. */
  get hasMore(): boolean {
    return this._hasMore;
  }

  get selected(): IEntry | null {
    return this._selected;
  }

  /** What the selected run shows; null until it is known. */
  get found(): IRunOutputs | null {
    return this._found;
  }

  /** Why something is missing. */
  get error(): SessionExportError | null {
    return this._error;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Get what comes next, and look at the first one. Never rejects; `error` tells. */
  async more(): Promise<void> {
    await this._try(async () => {
      const { entries, hasMore } = await this.options.more();
      this._entries = [...this._entries, ...entries];
      this._hasMore = hasMore;
    });
    if (!this._selected && this._entries[0]) {
      await this.select(this._entries[0]);
    }
  }

  /** Look at a run. Never rejects; `error` tells. */
  async select(entry: IEntry): Promise<void> {
    this._selected = entry;
    this._found = null;
    this._changed.emit();
    await this._try(async () => {
      const found = await this.options.outputs(entry.run);
      if (this._selected === entry) {
        this._found = found;
      }
    });
  }

  private async _try(work: () => Promise<void>): Promise<void> {
    this._error = null;
    try {
      await work();
    } catch (reason) {
      this._error = SessionExportError.from(reason);
    }
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _entries: IEntry[] = [];
  private _error: SessionExportError | null = null;
  private _found: IRunOutputs | null = null;
  private _hasMore = false;
  private _selected: IEntry | null = null;
}
