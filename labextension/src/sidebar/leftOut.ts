/** What one export left out, page by page. */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { ILedger, ILeftOut } from '../api';
import { SessionExportError } from '../errors';

export class LeftOutModel implements IDisposable {
  /** How many lines are asked for at a time. */
  static readonly PAGE = 100;

  constructor(private readonly ask: (offset: number) => Promise<ILedger>) {}

  get lines(): readonly ILeftOut[] {
    return this._lines;
  }

  /** How many there are, listed or not; null before the first answer. */
  get total(): number | null {
    return this._total;
  }

  get hasMore(): boolean {
    return this._total === null || this._lines.length < this._total;
  }

  get error(): SessionExportError | null {
    return this._error;
  }

  get busy(): boolean {
    return this._busy;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Ask for the next page. Never rejects; `error` tells. */
  async more(): Promise<void> {
    if (this._busy || !this.hasMore) {
      return;
    }
    this._busy = true;
    this._changed.emit();
    try {
      const page = await this.ask(this._lines.length);
      this._lines = [...this._lines, ...page.left_out];
      // A page without a line is the last one, whatever the total says.
      this._total = page.left_out.length > 0 ? page.total : this._lines.length;
      this._error = null;
    } catch (reason) {
      this._error = SessionExportError.from(reason);
    } finally {
      this._busy = false;
      this._changed.emit();
    }
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _busy = false;
  private _changed = new Signal<this, void>(this);
  private _error: SessionExportError | null = null;
  private _isDisposed = false;
  private _lines: readonly ILeftOut[] = [];
  private _total: number | null = null;
}
