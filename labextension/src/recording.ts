/** Whether this session is recorded, as the server last said. Knows no widget. */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Debouncer, Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IRecording, IRecordingApi, RecordingState } from './api';
import { SessionExportError } from './errors';

/** Milliseconds between two looks while someone sees the state. */
const INTERVAL = 30_000;

/** Milliseconds of calm after which a hint leads to a look. */
const CALM = 1_000;

/** What a click can pause or resume. */
const CHANGEABLE: readonly RecordingState[] = ['on', 'paused', 'stopped'];

/** Something that shows the state; nobody asks the server while none is visible. */
export interface IViewer {
  readonly isVisible: boolean;
}

export class RecordingModel implements IDisposable {
  constructor(private readonly api: IRecordingApi) {
    this._debouncer = new Debouncer(
      () => (this._isSeen() ? this.refresh() : Promise.resolve()),
      CALM
    );
    this._poll = new Poll({
      auto: false,
      factory: async () => {
        await this.refresh();
        if (this._error) {
          throw this._error;
        }
      },
      frequency: { interval: INTERVAL, backoff: true, max: 10 * INTERVAL },
      name: 'jupyter-session-export:recording',
      standby: () => !this._isSeen()
    });
  }

  get state(): RecordingState {
    return this._recording?.state ?? 'unknown';
  }

  /** Why it is as it is, in the server's words. */
  get reason(): string | null {
    return this._recording?.reason ?? null;
  }

  /** Whether what a notebook runs isn't recorded, though the session is. */
  isOff(notebook: string): boolean {
    return (
      this.isOffBySettings(notebook) ||
      (this.state === 'on' &&
        (this._recording?.notebooks_off?.includes(notebook) ?? false))
    );
  }

  /** Whether it is the server's settings that have a notebook off, for good. */
  isOffBySettings(notebook: string): boolean {
    return (
      this.state === 'on' &&
      (this._recording?.notebooks_off_by_settings?.includes(notebook) ?? false)
    );
  }

  /** Why nothing is known, or why the last click did nothing. */
  get error(): SessionExportError | null {
    return this._error;
  }

  /** Whether it can be paused or resumed. */
  get isChangeable(): boolean {
    return CHANGEABLE.includes(this.state);
  }

  /** A click is on its way to the server. */
  get busy(): boolean {
    return this._busy;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Keep the state fresh for a viewer, until the result is disposed. */
  attach(viewer: IViewer): IDisposable {
    this._viewers.add(viewer);
    if (this._viewers.size === 1) {
      void this._poll.start();
    }
    return new DisposableDelegate(() => {
      this._viewers.delete(viewer);
      if (this._viewers.size === 0 && !this._isDisposed) {
        void this._poll.stop();
      }
    });
  }

  /** Something happened that may have changed the state: look when it is calm again. */
  hint(): void {
    if (!this._isDisposed) {
      // Rejects only when this model is disposed while waiting.
      this._debouncer.invoke().catch(() => undefined);
    }
  }

  /** Ask the server now. Never rejects; `error` tells. */
  refresh(): Promise<void> {
    this._looking ??= this._look().finally(() => {
      this._looking = null;
    });
    return this._looking;
  }

  /** Pause what is on, resume what can be. Never rejects; `error` tells. */
  async toggle(): Promise<void> {
    if (this.isChangeable) {
      await this._set(this.state === 'on' ? 'paused' : 'on');
    }
  }

  /** Leave out what a notebook runs, or record it again. Never rejects; `error` tells. */
  async toggleNotebook(notebook: string): Promise<void> {
    if (this.state === 'on' && !this.isOffBySettings(notebook)) {
      await this._set(this.isOff(notebook) ? 'on' : 'paused', notebook);
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._debouncer.dispose();
    this._poll.dispose();
    Signal.clearData(this);
  }

  private async _set(state: 'on' | 'paused', notebook?: string): Promise<void> {
    if (this._busy) {
      return;
    }
    this._busy = true;
    this._clicks += 1;
    this._changed.emit();
    try {
      this._recording = await (notebook === undefined
        ? this.api.setRecording(state)
        : this.api.setRecording(state, notebook));
      this._error = null;
    } catch (reason) {
      this._error = SessionExportError.from(reason);
    } finally {
      this._busy = false;
      this._changed.emit();
    }
  }

  private async _look(): Promise<void> {
    const clicks = this._clicks;
    const [recording, error] = await this.api.recording().then(
      (found): [IRecording, null] => [found, null],
      (reason: unknown): [null, SessionExportError] => [
        null,
        SessionExportError.from(reason)
      ]
    );
    // An answer from before a click must not undo what the click said.
    if (clicks === this._clicks) {
      this._recording = recording;
      this._error = error;
      this._changed.emit();
    }
  }

  private _isSeen(): boolean {
    return (
      document.visibilityState !== 'hidden' &&
      [...this._viewers].some(viewer => viewer.isVisible)
    );
  }

  private _busy = false;
  private _changed = new Signal<this, void>(this);
  private _clicks = 0;
  private readonly _debouncer: Debouncer<void>;
  private _error: SessionExportError | null = null;
  private _isDisposed = false;
  private _looking: Promise<void> | null = null;
  private readonly _poll: Poll;
  private _recording: IRecording | null = null;
  private readonly _viewers = new Set<IViewer>();
}
