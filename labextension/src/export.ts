/** One export at a time: save, ask for it, follow it, hand it over. Knows no widget. */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IExportApi, IExportJob, IExportRequest } from './api';
import { SERVER_UNREACHABLE, SessionExportError } from './errors';

/** Milliseconds between two looks at a running export. */
const INTERVAL = 250;

/** Milliseconds before each new try while the server does not answer. */
const RETRIES = [250, 500, 1000, 2000, 4000];

export type ExportPhase = 'idle' | 'saving' | 'preparing' | 'cancelling';

/** How an export ended. */
export type ExportOutcome =
  | { kind: 'ready'; job: IExportJob; unsaved: string[] }
  | { kind: 'cancelled' }
  | { kind: 'failed'; error: SessionExportError };

export interface IExportOptions {
  api: IExportApi;
  /** Saves what is open; resolves to the paths that could not be saved. */
  save: () => Promise<string[]>;
  clientId: () => Promise<string>;
  /** Hands the ready ZIP to the browser. */
  deliver: (url: string, filename: string) => void;
}

export class ExportModel implements IDisposable {
  constructor(private readonly options: IExportOptions) {}

  get phase(): ExportPhase {
    return this._phase;
  }

  get running(): boolean {
    return this._phase !== 'idle';
  }

  /** The job as last seen, null before the server has answered. */
  get job(): IExportJob | null {
    return this._job;
  }

  /** The phase or the job has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** An export has ended. */
  get ended(): ISignal<this, ExportOutcome> {
    return this._ended;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Begin an export, or join the one that is under way. Never rejects. */
  start(request: IExportRequest = { scope: 'session' }): Promise<ExportOutcome> {
    this._current ??= this._run(request);
    return this._current;
  }

  /** Stop the export that is under way, here and on the server. */
  cancel(): void {
    if (this.running && this._phase !== 'cancelling') {
      this._enter('cancelling');
      this._abort.abort();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._abort.abort();
    Signal.clearData(this);
  }

  private async _run(request: IExportRequest): Promise<ExportOutcome> {
    this._abort = new AbortController();
    this._job = null;
    const outcome = await this._work(request, this._abort.signal).catch(
      (reason: unknown): ExportOutcome => ({
        kind: 'failed',
        error: SessionExportError.from(reason)
      })
    );
    this._current = null;
    this._enter('idle');
    this._ended.emit(outcome);
    return outcome;
  }

  private async _work(
    request: IExportRequest,
    signal: AbortSignal
  ): Promise<ExportOutcome> {
    const { api, clientId, deliver, save } = this.options;
    this._enter('saving');
    const unsaved = await save();
    if (signal.aborted) {
      return { kind: 'cancelled' };
    }
    this._enter('preparing');
    // Not abortable: without the answer the server's job could not be cancelled.
    this._show(await api.create({ ...request, client_id: await clientId() }));
    const job = await this._follow(signal);
    if (job === null) {
      return { kind: 'cancelled' };
    }
    if (job.state !== 'ready') {
      const { code, message, detail } = job.error ?? {
        code: 'EXPORT_FAILED',
        message: '',
        detail: null
      };
      return code === 'CANCELLED_BY_USER'
        ? { kind: 'cancelled' }
        : { kind: 'failed', error: new SessionExportError(code, message, detail) };
    }
    deliver(api.downloadUrl(job.id), job.filename);
    return { kind: 'ready', job, unsaved };
  }

  /** Look at the job until it has ended; null if it was cancelled here. */
  private async _follow(signal: AbortSignal): Promise<IExportJob | null> {
    let job = this._job;
    while (job?.state === 'preparing' && !signal.aborted) {
      await pause(INTERVAL, signal);
      job = await this._look(job.id, signal);
    }
    if (signal.aborted && this._job) {
      await this._withdraw(this._job.id);
      return null;
    }
    return job;
  }

  /** Ask for the job, again and again while the server does not answer; null if cancelled. */
  private async _look(id: string, signal: AbortSignal): Promise<IExportJob | null> {
    for (const wait of [...RETRIES, null]) {
      try {
        const job = await this.options.api.follow(id, signal);
        this._show(job);
        return job;
      } catch (reason) {
        if (signal.aborted) {
          return null;
        }
        if (wait === null || !isUnanswered(reason)) {
          throw reason;
        }
        await pause(wait, signal);
      }
    }
    return null;
  }

  /** Cancel the server's job; one that the server has forgotten needs no more. */
  private async _withdraw(id: string): Promise<void> {
    try {
      await this.options.api.cancel(id);
    } catch (reason) {
      const gone = reason instanceof SessionExportError && isGone(reason.status);
      if (!gone) {
        throw reason;
      }
    }
  }

  private _enter(phase: ExportPhase): void {
    this._phase = phase;
    this._changed.emit();
  }

  private _show(job: IExportJob): void {
    this._job = job;
    this._changed.emit();
  }

  private _abort = new AbortController();
  private _changed = new Signal<this, void>(this);
  private _current: Promise<ExportOutcome> | null = null;
  private _ended = new Signal<this, ExportOutcome>(this);
  private _isDisposed = false;
  private _job: IExportJob | null = null;
  private _phase: ExportPhase = 'idle';
}

function isUnanswered(reason: unknown): boolean {
  return reason instanceof SessionExportError && reason.code === SERVER_UNREACHABLE;
}

function isGone(status: number | null): boolean {
  return status === 404 || status === 410;
}

/** Wait, but no longer than until the signal. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
