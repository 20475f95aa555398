/** One export at a time: save, ask for it, follow it, hand it over. Knows no widget. */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IErrorBody, IExportApi, IExportJob, IExportRequest } from './api';
import { SERVER_UNREACHABLE, SessionExportError } from './errors';

/** Milliseconds between two looks at a running export. */
const INTERVAL = 250;

/** Milliseconds before each new try while the server does not answer. */
const RETRIES = [250, 500, 1000, 2000, 4000];

const NO_REASON: IErrorBody = { code: 'EXPORT_FAILED', message: '', detail: null };

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
    const { signal } = this._abort;
    const outcome = await this._work(request, signal)
      .catch((reason: unknown) => {
        if (signal.aborted) {
          return this._withdraw();
        }
        throw reason;
      })
      .catch(failed);
    this._current = null;
    this._enter('idle');
    this._ended.emit(outcome);
    return outcome;
  }

  /** Do all of it. Once the signal is aborted it rejects, with whatever comes first. */
  private async _work(
    request: IExportRequest,
    signal: AbortSignal
  ): Promise<ExportOutcome> {
    const { api, clientId, deliver } = this.options;
    this._enter('saving');
    const unsaved = await unlessAborted(this._save(signal), signal);
    signal.throwIfAborted();
    this._enter('preparing');
    const client_id = await unlessAborted(clientId(), signal);
    signal.throwIfAborted();
    // Not abortable: without the answer the server's job could not be cancelled.
    this._show(await api.create({ ...request, client_id }));
    signal.throwIfAborted();
    const job = await this._follow(signal);
    if (job?.state !== 'ready') {
      return ended(job);
    }
    deliver(api.downloadUrl(job.id), job.filename);
    return { kind: 'ready', job, unsaved };
  }

  /** Save once an earlier save, of an export that was cancelled meanwhile, is over. */
  private _save(signal: AbortSignal): Promise<string[]> {
    // JupyterLab takes a second save at a time for a change by someone else.
    const saved = this._saved.then(() => {
      signal.throwIfAborted();
      return this.options.save();
    });
    this._saved = saved.catch(() => undefined);
    return saved;
  }

  /** Look at the job until it has ended. */
  private async _follow(signal: AbortSignal): Promise<IExportJob | null> {
    while (this._job?.state === 'preparing') {
      await pause(INTERVAL, signal);
      this._show(await this._look(this._job.id, signal));
    }
    return this._job;
  }

  /** Ask for the job, again and again while the server does not answer. */
  private async _look(id: string, signal: AbortSignal): Promise<IExportJob> {
    for (const wait of RETRIES) {
      try {
        return await this.options.api.follow(id, signal);
      } catch (reason) {
        if (signal.aborted || !isUnanswered(reason)) {
          throw reason;
        }
        await pause(wait, signal);
      }
    }
    return this.options.api.follow(id, signal);
  }

  /** Cancel the server's job, if there is one; one that it has forgotten needs no more. */
  private async _withdraw(): Promise<ExportOutcome> {
    try {
      if (this._job) {
        await this.options.api.cancel(this._job.id);
      }
    } catch (reason) {
      if (!isGone(reason)) {
        throw reason;
      }
    }
    return { kind: 'cancelled' };
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
  private _saved: Promise<unknown> = Promise.resolve();
}

function failed(reason: unknown): ExportOutcome {
  return { kind: 'failed', error: SessionExportError.from(reason) };
}

/** What became of a job that has ended without a ZIP. */
function ended(job: IExportJob | null): ExportOutcome {
  const { code, message, detail } = job?.error ?? NO_REASON;
  return code === 'CANCELLED_BY_USER'
    ? { kind: 'cancelled' }
    : failed(new SessionExportError(code, message, detail));
}

function isUnanswered(reason: unknown): boolean {
  return reason instanceof SessionExportError && reason.code === SERVER_UNREACHABLE;
}

function isGone(reason: unknown): boolean {
  return (
    reason instanceof SessionExportError &&
    (reason.status === 404 || reason.status === 410)
  );
}

/** Wait for what can't be stopped. Rejects as soon as the signal is aborted. */
function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(new Error('Aborted'));
    };
    if (signal.aborted) {
      stop();
    }
    signal.addEventListener('abort', stop, { once: true });
    pending.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

/** Wait. Rejects as soon as the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      reject(new Error('Aborted'));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
