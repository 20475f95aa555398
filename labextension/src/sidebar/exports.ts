/** The owner's exports as the server last told of them. Knows no widget. */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IExportJob, ISending } from '../api';
import { SessionExportError } from '../errors';
import { Speed } from '../speed';
import type { IExportsApi } from './api';
import { LeftOutModel } from './leftOut';
import { reachOf } from './reach';

/** Milliseconds between two looks: while one is made, while one is sent, else. */
const PREPARING = 250;
const SENDING = 1_000;
const IDLE = 5_000;

/** How many looks after an export's end its download is expected to begin. */
const EXPECTANT = 5;

export class ExportsModel implements IDisposable {
  constructor(
    private readonly api: IExportsApi,
    private readonly now: () => number = () => Date.now()
  ) {}

  /** Newest first; null before the first answer. */
  get jobs(): readonly IExportJob[] | null {
    return this._jobs;
  }

  /** Those that are made or sent. */
  get running(): readonly IExportJob[] {
    return this._jobs?.filter(isRunning) ?? [];
  }

  /** Those that nothing happens to. */
  get finished(): readonly IExportJob[] {
    return this._jobs?.filter(job => !isRunning(job)) ?? [];
  }

  /** Why the last look failed. */
  get error(): SessionExportError | null {
    return this._error;
  }

  /** Milliseconds until the next look. */
  get interval(): number {
    if (this._jobs?.some(job => job.state === 'preparing')) {
      return PREPARING;
    }
    return this.running.length > 0 || this._expectant > 0 ? SENDING : IDLE;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  isCancelling(id: string): boolean {
    return this._cancelling.has(id);
  }

  /** How fast a sending goes; null for one that was not seen before. */
  speed(job: IExportJob, sending: ISending): Speed | null {
    return this._speeds.get(sendingKey(job, sending)) ?? null;
  }

  /** What a finished export left out, as far as it was asked for. */
  leftOut(id: string): LeftOutModel {
    let model = this._leftOut.get(id);
    if (!model) {
      model = new LeftOutModel(offset => this.api.leftOut(id, offset, LeftOutModel.PAGE));
      model.changed.connect(() => {
        this._changed.emit();
      });
      this._leftOut.set(id, model);
    }
    return model;
  }

  /** Ask the server. Never rejects; `error` tells. */
  refresh(): Promise<void> {
    this._looking ??= this._look().finally(() => {
      this._looking = null;
    });
    return this._looking;
  }

  /** Stop an export, and what is sent of it. Rejects with a SessionExportError. */
  async cancel(id: string): Promise<void> {
    if (this._cancelling.has(id)) {
      return;
    }
    this._cancelling.add(id);
    this._changed.emit();
    try {
      await this.api.cancel(id);
    } finally {
      await this._looking;
      await this.refresh();
      this._cancelling.delete(id);
      this._changed.emit();
    }
  }

  /** The browser has been told to download: expect it to begin. */
  expectDownload(): void {
    this._expectant = EXPECTANT;
  }

  dispose(): void {
    this._isDisposed = true;
    this._leftOut.forEach(model => {
      model.dispose();
    });
    Signal.clearData(this);
  }

  private async _look(): Promise<void> {
    try {
      const jobs = await this.api.exports();
      this._note(jobs);
      this._jobs = jobs;
      this._error = null;
    } catch (reason) {
      this._error = SessionExportError.from(reason);
    }
    this._changed.emit();
  }

  private _note(jobs: readonly IExportJob[]): void {
    const preparing = new Set(
      this._jobs?.filter(job => job.state === 'preparing').map(job => job.id)
    );
    const ready = jobs.some(job => job.state === 'ready' && preparing.has(job.id));
    this._expectant = ready ? EXPECTANT : Math.max(0, this._expectant - 1);
    this._measure(jobs);
    for (const id of this._leftOut.keys()) {
      if (!jobs.some(job => job.id === id)) {
        this._leftOut.get(id)?.dispose();
        this._leftOut.delete(id);
      }
    }
  }

  /** Take a sample of each sending, and forget those that are over. */
  private _measure(jobs: readonly IExportJob[]): void {
    const speeds = new Map<string, Speed>();
    for (const job of jobs) {
      for (const sending of job.downloads) {
        const key = sendingKey(job, sending);
        const speed = this._speeds.get(key) ?? new Speed();
        speed.add(reachOf(sending).reached, this.now());
        speeds.set(key, speed);
      }
    }
    this._speeds = speeds;
  }

  private readonly _cancelling = new Set<string>();
  private _changed = new Signal<this, void>(this);
  private _error: SessionExportError | null = null;
  private _expectant = 0;
  private _isDisposed = false;
  private _jobs: readonly IExportJob[] | null = null;
  private readonly _leftOut = new Map<string, LeftOutModel>();
  private _looking: Promise<void> | null = null;
  private _speeds = new Map<string, Speed>();
}

function isRunning(job: IExportJob): boolean {
  return job.state === 'preparing' || job.downloads.length > 0;
}

function sendingKey(job: IExportJob, sending: ISending): string {
  return `${job.id} ${sending.started_at} ${sending.first_byte}`;
}
