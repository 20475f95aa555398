/** The way of one ready ZIP into the browser, followed by what its server sends. */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IExportApi, IExportJob, ISending } from './api';
import { CANCELLED_BY_USER, SessionExportError } from './errors';
import { INTERVAL, isGone, look, pause } from './following';
import { Speed } from './speed';

/** Looks after which a browser that has not begun is left to itself: it may ask its user first. */
const PATIENCE = 40;

/** Looks after which a sending that broke counts as interrupted: browsers try again at once. */
const GRACE = 12;

export type DeliveryState =
  | { kind: 'idle' }
  /** The browser was told, and has not asked for the ZIP yet. */
  | { kind: 'starting' }
  | {
      kind: 'sending';
      /** Bytes of the ZIP up to where the sending is. */
      position: number;
      /** The whole ZIP's. */
      total: number;
      bytesPerSecond: number | null;
      /** Seconds. */
      remaining: number | null;
    }
  /** All of it was sent. */
  | { kind: 'done' }
  /** Nobody saw the browser ask for it. */
  | { kind: 'unseen' }
  /** The browser, or the way to it, has let go; it may resume. */
  | { kind: 'interrupted'; position: number; total: number }
  | { kind: 'cancelled' }
  | { kind: 'failed'; error: SessionExportError };

export interface IDeliveryOptions {
  api: IExportApi;
  /** Hands a URL to the browser. */
  hand: (url: string, filename: string) => void;
}

export class Delivery implements IDisposable {
  constructor(private readonly options: IDeliveryOptions) {}

  get state(): DeliveryState {
    return this._state;
  }

  /** What is delivered, as last seen. */
  get job(): IExportJob | null {
    return this._job;
  }

  /** The server does not answer at the moment. */
  get isSilent(): boolean {
    return this._isSilent;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Hand a ready ZIP to the browser and follow it. Never rejects; `state` tells the end. */
  async begin(job: IExportJob): Promise<void> {
    const signal = this._renew();
    this._job = job;
    this._enter({ kind: 'starting' });
    this.options.hand(this.options.api.downloadUrl(job.id), job.filename);
    await this._unlessReplaced(signal, () => this._follow(job, signal));
  }

  /** Hand it over once more, if it is still there. Never rejects; `state` tells the end. */
  async again(): Promise<void> {
    const job = this._job;
    if (job) {
      const signal = this._renew();
      this._enter({ kind: 'starting' });
      await this._unlessReplaced(signal, async () => {
        const now = await look(this.options.api, job.id, signal, this._onSilence);
        signal.throwIfAborted();
        if (now.state === 'ready') {
          void this.begin(now);
        } else {
          this._end(now);
        }
      });
    }
  }

  /** Let the server stop sending and forget the ZIP. Never rejects; `state` tells the end. */
  async cancel(): Promise<void> {
    const job = this._job;
    if (job) {
      const signal = this._renew();
      await this._unlessReplaced(signal, async () => {
        await this.options.api.cancel(job.id).catch((reason: unknown) => {
          if (!isGone(reason)) {
            throw reason;
          }
        });
        signal.throwIfAborted();
        this._enter({ kind: 'cancelled' });
      });
    }
  }

  /** Look no more; the browser goes on. */
  leave(): void {
    this._renew();
    this._job = null;
    this._enter({ kind: 'idle' });
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._abort.abort();
    Signal.clearData(this);
  }

  /** Look until the sending has ended, or nobody has seen it begin. */
  private async _follow(begun: IExportJob, signal: AbortSignal): Promise<void> {
    const speed = new Speed();
    let idle = 0;
    let position: number | null = null;
    while (idle < (position === null ? PATIENCE : GRACE)) {
      await pause(INTERVAL, signal);
      const job = await look(this.options.api, begun.id, signal, this._onSilence);
      signal.throwIfAborted();
      this._job = job;
      const sending = job.downloads.at(-1);
      if (job.state !== 'ready') {
        this._end(job);
        return;
      }
      if (!sending && job.delivered > begun.delivered) {
        this._enter({ kind: 'done' });
        return;
      }
      idle = sending ? 0 : idle + 1;
      if (sending) {
        position = reached(sending);
        speed.add(position, performance.now());
        this._enter(sendingState(position, job.bytes ?? 0, speed));
      }
    }
    const total = begun.bytes ?? 0;
    this._enter(
      position === null ? { kind: 'unseen' } : { kind: 'interrupted', position, total }
    );
  }

  /** The export itself is no more. */
  private _end({ error, state }: IExportJob): void {
    const { code, message, detail } = error ?? {
      code: `EXPORT_${state.toUpperCase()}`,
      message: '',
      detail: null
    };
    this._enter(
      code === CANCELLED_BY_USER
        ? { kind: 'cancelled' }
        : { kind: 'failed', error: new SessionExportError(code, message, detail) }
    );
  }

  /** Do something whose failure is the end, but for one that something newer has replaced. */
  private async _unlessReplaced(
    signal: AbortSignal,
    work: () => Promise<void>
  ): Promise<void> {
    try {
      await work();
    } catch (reason) {
      if (!signal.aborted) {
        this._enter({ kind: 'failed', error: SessionExportError.from(reason) });
      }
    }
  }

  /** Stop what is followed now. */
  private _renew(): AbortSignal {
    this._abort.abort();
    this._abort = new AbortController();
    this._isSilent = false;
    return this._abort.signal;
  }

  private _enter(state: DeliveryState): void {
    this._state = state;
    this._isSilent = false;
    this._changed.emit();
  }

  private readonly _onSilence = (): void => {
    this._isSilent = true;
    this._changed.emit();
  };

  private _abort = new AbortController();
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _isSilent = false;
  private _job: IExportJob | null = null;
  private _state: DeliveryState = { kind: 'idle' };
}

function reached({ first_byte, sent_bytes }: ISending): number {
  return first_byte + sent_bytes;
}

function sendingState(position: number, total: number, speed: Speed): DeliveryState {
  const { bytesPerSecond } = speed;
  const remaining = speed.remaining(total);
  return { kind: 'sending', position, total, bytesPerSecond, remaining };
}
