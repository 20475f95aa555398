/** Tells the server what people do, in batches; never in the way of what they do. */
import type { IDisposable } from '@lumino/disposable';

import type { ICellChange } from './changes';

/** Milliseconds from an event to its batch: there is at most one each second. */
const INTERVAL = 1000;

/** The server takes so many in one batch. */
const MOST_IN_BATCH = 200;

/** Of the events in one batch: browsers refuse more than 64 KiB that outlive their page. */
const MOST_BYTES = 60_000;

const MOST_WAITING = 1000;

const MOST_LEFT_OUT = 1_000_000_000;

export interface IPageEvent extends Partial<Omit<ICellChange, 'action'>> {
  action: ICellChange['action'] | 'page.notebook_open' | 'page.notebook_close';
  notebook: string;
}

export interface IBatch {
  /** None where there is only something to tell of what was left out. */
  events: IPageEvent[];
  /** How many were not sent since the last batch. */
  left_out?: number;
}

export class ActivityReporter implements IDisposable {
  constructor(private readonly send: (batch: IBatch) => Promise<void>) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Note an event; where too many wait it is only counted. */
  add(event: IPageEvent): void {
    if (this._isDisposed) {
      return;
    }
    if (this._waiting.length >= MOST_WAITING) {
      this._leaveOut(1);
    } else {
      this._waiting.push(event);
    }
    this._schedule();
  }

  /** Send what waits now, for a page that is about to go. */
  flush(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    void this._sendBatch();
  }

  /** Send what waits as far as one batch takes it, and no more. */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.flush();
    }
  }

  private _schedule(): void {
    if (!this._isSending) {
      this._timer ??= setTimeout(() => {
        this.flush();
      }, INTERVAL);
    }
  }

  private async _sendBatch(): Promise<void> {
    const events = this._waiting.splice(0, fitting(this._waiting));
    if (this._isDisposed) {
      this._leaveOut(this._waiting.splice(0).length);
    }
    if (events.length === 0 && this._leftOut === 0) {
      return;
    }
    const leftOut = this._leftOut;
    this._leftOut = 0;
    this._isSending = true;
    try {
      await this.send({ events, ...(leftOut && { left_out: leftOut }) });
    } catch {
      // The server is told how many; to send them again could go on for ever.
      this._leaveOut(leftOut + events.length);
    } finally {
      this._isSending = false;
    }
    // A count that the server did not get goes with the next event: to try again for it alone
    // could go on for ever, too.
    const isLeft = this._waiting.length > 0 || (events.length > 0 && this._leftOut > 0);
    if (isLeft && !this._isDisposed) {
      this._schedule();
    }
  }

  private _leaveOut(count: number): void {
    this._leftOut = Math.min(MOST_LEFT_OUT, this._leftOut + count);
  }

  private _waiting: IPageEvent[] = [];
  private _leftOut = 0;
  private _isSending = false;
  private _isDisposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

/** Return how many of the first events one batch takes; one at least, however large. */
function fitting(events: readonly IPageEvent[]): number {
  const encoder = new TextEncoder();
  let bytes = 0;
  const most = Math.min(events.length, MOST_IN_BATCH);
  for (let count = 0; count < most; count++) {
    bytes += encoder.encode(JSON.stringify(events[count])).length + 1;
    if (bytes > MOST_BYTES) {
      return Math.max(1, count);
    }
  }
  return most;
}
