/** One export at a time: save, ask for it, follow it, hand it over. Knows no widget. */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IErrorBody, IExportApi, IExportJob, IExportRequest } from './api';
import { CANCELLED_BY_USER, SessionExportError } from './errors';
import { INTERVAL, isGone, look, pause } from './following';

const NO_REASON: IErrorBody = { code: 'EXPORT_FAILED', message: '', detail: null };

export type ExportPhase = 'idle' | 'saving' | 'preparing' | 'cancelling';

/** How an export ended. */
export type ExportOutcome =
  | { kind: 'ready'; job: IExportJob; unsaved: string[] }
  | { kind: 'cancelled' }
  | {
      kind: 'failed';
      error: SessionExportError;
      /** What to ask for to have the same again. */
      request: IExportRequest;
    };

export interface IExportOptions {
  api: IExportApi;
  /** Saves what is open; resolves to the paths that could not be saved. */
  save: () => Promise<string[]>;
  /** Resolves to this tab's id, once the server knows the page. */
  clientId: () => Promise<string>;
  /** Hands the ready ZIP to the browser. */
  deliver: (job: IExportJob) => void;
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

  /** The server does not answer at the moment. */
  get isSilent(): boolean {
    return this._isSilent;
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
    this._current ??= this._run(request, signal => this._ask(request, signal));
    return this._current;
  }

  /** Go on with an export that a page before has begun, unless one is under way. Never rejects. */
  resume(job: IExportJob): Promise<ExportOutcome> {
    this._current ??= this._run(sameAgain(job), signal => {
      this._enter('preparing');
      return this._take(job, [], signal);
    });
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

  private async _run(
    request: IExportRequest,
    work: (signal: AbortSignal) => Promise<ExportOutcome>
  ): Promise<ExportOutcome> {
    this._abort = new AbortController();
    this._job = null;
    const { signal } = this._abort;
    const outcome = await work(signal)
      .catch((reason: unknown) => {
        if (signal.aborted) {
          return this._withdraw();
        }
        throw reason;
      })
      .catch((reason: unknown) => this._failed(reason, request));
    this._current = null;
    this._enter('idle');
    this._ended.emit(outcome);
    return outcome;
  }

  /** Do all of it. Once the signal is aborted it rejects, with whatever comes first. */
  private async _ask(
    request: IExportRequest,
    signal: AbortSignal
  ): Promise<ExportOutcome> {
    const { api, clientId } = this.options;
    this._enter('saving');
    const unsaved = await unlessAborted(this._save(signal), signal);
    signal.throwIfAborted();
    this._enter('preparing');
    const client_id = await unlessAborted(clientId(), signal);
    signal.throwIfAborted();
    // Not abortable: without the answer the server's job could not be cancelled.
    return this._take(await api.create({ ...request, client_id }), unsaved, signal);
  }

  /** Follow the server's job and hand over what comes of it. */
  private async _take(
    begun: IExportJob,
    unsaved: string[],
    signal: AbortSignal
  ): Promise<ExportOutcome> {
    this._show(begun);
    signal.throwIfAborted();
    const job = await this._follow(begun, signal);
    if (job.state !== 'ready') {
      return ended(job);
    }
    this.options.deliver(job);
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
  private async _follow(begun: IExportJob, signal: AbortSignal): Promise<IExportJob> {
    let job = begun;
    while (job.state === 'preparing') {
      await pause(INTERVAL, signal);
      job = await look(this.options.api, job.id, signal, this._onSilence);
      this._show(job);
    }
    return job;
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
    this._isSilent = false;
    this._changed.emit();
  }

  private _failed(reason: unknown, request: IExportRequest): ExportOutcome {
    const again = this._job ? sameAgain(this._job) : request;
    return { kind: 'failed', error: SessionExportError.from(reason), request: again };
  }

  private readonly _onSilence = (): void => {
    this._isSilent = true;
    this._changed.emit();
  };

  private _abort = new AbortController();
  private _changed = new Signal<this, void>(this);
  private _current: Promise<ExportOutcome> | null = null;
  private _ended = new Signal<this, ExportOutcome>(this);
  private _isDisposed = false;
  private _isSilent = false;
  private _job: IExportJob | null = null;
  private _phase: ExportPhase = 'idle';
  private _saved: Promise<unknown> = Promise.resolve();
}

/** Return what to ask for to have an export again, also when another session has begun. */
export function sameAgain(job: IExportJob): IExportRequest {
  const { compression, include, path, scope, session_id } = job;
  return { compression, include, scope, session_id, ...(path === null ? {} : { path }) };
}

/** What became of a job that has ended without a ZIP. */
function ended(job: IExportJob): ExportOutcome {
  const { code, message, detail } = job.error ?? NO_REASON;
  if (code === CANCELLED_BY_USER) {
    return { kind: 'cancelled' };
  }
  throw new SessionExportError(code, message, detail);
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
