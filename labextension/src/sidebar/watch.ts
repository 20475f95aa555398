/** Looks again and again at something, as long as somebody sees it. */
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';

/** How long a failing server is left alone at most, in milliseconds. */
const LONGEST = 60_000;

export interface IWatchOptions {
  name: string;
  /** Rejects where the next look should come later than usual. */
  look: () => Promise<void>;
  /** Milliseconds until the next look. */
  interval: () => number;
  isSeen: () => boolean;
}

export class Watch implements IDisposable {
  constructor(private readonly options: IWatchOptions) {
    this._poll = new Poll({
      auto: false,
      factory: () => this._look(),
      frequency: this._frequency(),
      name: `jupyter-session-export:${options.name}`,
      standby: () => !options.isSeen()
    });
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  start(): void {
    void this._poll.start();
  }

  /** Look now, however long the wait would have been. */
  hurry(): void {
    if (!this.isDisposed && this.options.isSeen()) {
      void this._poll.refresh();
    }
  }

  dispose(): void {
    this._poll.dispose();
  }

  private async _look(): Promise<void> {
    try {
      await this.options.look();
    } finally {
      if (!this.isDisposed) {
        this._poll.frequency = this._frequency();
      }
    }
  }

  private _frequency(): { interval: number; backoff: boolean; max: number } {
    return { interval: this.options.interval(), backoff: true, max: LONGEST };
  }

  private readonly _poll: Poll;
}
