/** The HTTP contract of the server extension, typed. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { IBatch } from './activity/reporter';
import {
  BAD_ANSWER,
  FORBIDDEN,
  NOT_INSTALLED,
  SERVER_UNREACHABLE,
  SessionExportError,
  UNAUTHENTICATED
} from './errors';
import { xsrfToken } from './xsrf';

const NAMESPACE = 'session-export/api';

/** Milliseconds after which a request counts as unanswered. */
const PATIENCE = 60_000;

export interface IExportRequest {
  /** The current session where none is named. */
  session_id?: string;
  scope: 'session' | 'notebook';
  path?: string;
  include?: string[];
  compression?: 'maximum' | 'fast';
  client_id?: string;
}

export interface IExportProgress {
  stage: string;
  /** From 0 to 100. */
  percent: number;
  entries_done: number;
  entries_total: number;
  bytes_done: number;
  bytes_total: number;
  /** Seconds. */
  elapsed: number;
  /** Seconds, or null while nothing is known. */
  remaining: number | null;
  /** Null while nothing is known. */
  bytes_per_second: number | null;
}

/** A sending of a ZIP that is under way. */
export interface ISending {
  started_at: string;
  /** Where in the ZIP it began: not 0 for a download that was resumed. */
  first_byte: number;
  /** The whole ZIP's. */
  total_bytes: number | null;
  /** By this sending. */
  sent_bytes: number;
}

export interface IErrorBody {
  code: string;
  message: string;
  detail: string | null;
}

export interface IExportJob {
  id: string;
  session_id: string;
  state: 'preparing' | 'ready' | 'expired' | 'failed' | 'cancelled';
  scope: 'session' | 'notebook';
  path: string | null;
  include: string[];
  compression: 'maximum' | 'fast';
  created_at: string;
  filename: string;
  /** Null until ready. */
  bytes: number | null;
  etag: string | null;
  /** How many files could have been in the ZIP and are not. */
  left_out: number;
  transfers: number;
  progress: IExportProgress;
  error: IErrorBody | null;
  /** The tab that began it and that tab's epoch then; null for what no tab began. */
  client_id: string | null;
  epoch: number | null;
  /** When it was ready or ended. */
  finished_at: string | null;
  /** One for each of `transfers`, in the order of their begin. */
  downloads: ISending[];
  /** How many sendings have reached the end of the ZIP. */
  delivered: number;
}

/** What a page learns when it tells the server that it was loaded. */
export interface IEpoch {
  session_id: string;
  epoch: number;
  /** The exports of this tab that this ended. */
  cancelled: string[];
}

/** A file that could have been in the ZIP and is not. */
export interface ILeftOut {
  path: string;
  source: string | null;
  disposition: string;
  reason: string | null;
  bytes: number | null;
}

export interface ILedger {
  left_out: ILeftOut[];
  /** How many there are in all. */
  total: number;
}

/** The states of a recording that the server tells of. */
const RECORDING_STATES = ['on', 'paused', 'stopped', 'off', 'ended'] as const;

export type RecordingState = (typeof RECORDING_STATES)[number] | 'unknown';

export interface IRecording {
  state: RecordingState;
  reason: string | null;
  /** Notebooks that aren't recorded, by their paths. */
  notebooks_off?: readonly string[];
  /** Those that the settings have off, so that nobody here can turn them on. */
  notebooks_off_by_settings?: readonly string[];
}

/** The part of a session's description that tells of its recording. */
export interface IRecordingAnswer {
  recording?: {
    state?: string;
    reason?: string | null;
    notebooks_off?: readonly string[];
    notebooks_off_by_settings?: readonly string[];
  };
}

/** What an export needs of the server. */
export interface IExportApi {
  create(request: IExportRequest): Promise<IExportJob>;
  follow(id: string, signal: AbortSignal): Promise<IExportJob>;
  cancel(id: string): Promise<void>;
  downloadUrl(id: string): string;
}

/** What a page needs of the server to know what became of the exports of the page before. */
export interface IClientApi {
  raiseEpoch(clientId: string): Promise<IEpoch>;
  exports(limit?: number): Promise<IExportJob[]>;
}

/** What a list of left-out files needs of the server. */
export interface ILedgerApi {
  ledger(id: string, limit?: number, offset?: number): Promise<ILedger>;
}

/** What the recording's indicator needs of the server. */
export interface IRecordingApi {
  recording(): Promise<IRecording>;
  /** Of the session, or of what one notebook runs. */
  setRecording(state: 'on' | 'paused', notebook?: string): Promise<IRecording>;
}

/** The routes of the server extension. Every method rejects with a SessionExportError. */
export class SessionExportApi
  implements IClientApi, IExportApi, ILedgerApi, IRecordingApi
{
  constructor(private readonly settings: ServerConnection.ISettings) {}

  create(request: IExportRequest): Promise<IExportJob> {
    return this.request('exports', { method: 'POST', body: JSON.stringify(request) });
  }

  follow(id: string, signal: AbortSignal): Promise<IExportJob> {
    return this.request(exportPath(id), { signal });
  }

  async cancel(id: string): Promise<void> {
    await this.request<unknown>(exportPath(id), { method: 'DELETE' });
  }

  /** The newest exports of this owner, newest first. */
  async exports(limit = 50): Promise<IExportJob[]> {
    const query = URLExt.objectToQueryString({ limit });
    return (await this.request<{ exports: IExportJob[] }>(`exports${query}`)).exports;
  }

  /** What an export left out, from its `offset` on. */
  ledger(id: string, limit = 200, offset = 0): Promise<ILedger> {
    const query = URLExt.objectToQueryString({ offset, limit });
    return this.request(`${exportPath(id)}/ledger${query}`);
  }

  /** Tell that this tab's page was loaded: exports of the page before end. */
  raiseEpoch(clientId: string): Promise<IEpoch> {
    return this.request(`clients/${encodeURIComponent(clientId)}/epoch`, {
      method: 'POST'
    });
  }

  /** Tell what people do in this page; also while the page goes. */
  async reportActivity(batch: IBatch): Promise<void> {
    await this.request<unknown>('session/activity', {
      method: 'POST',
      body: JSON.stringify(batch),
      keepalive: true
    });
  }

  downloadUrl(id: string): string {
    const url = URLExt.join(this.settings.baseUrl, NAMESPACE, exportPath(id), 'download');
    // A link sends no header, and not every page may send a Referer instead.
    const token = xsrfToken();
    return token === null ? url : url + URLExt.objectToQueryString({ _xsrf: token });
  }

  async recording(): Promise<IRecording> {
    return understood(await this.request<IRecordingAnswer>('session'));
  }

  async setRecording(state: 'on' | 'paused', notebook?: string): Promise<IRecording> {
    const answer = await this.request<IRecordingAnswer>('session/recording', {
      method: 'POST',
      body: JSON.stringify({ state, notebook })
    });
    return understood(answer);
  }

  private request<T>(endPoint: string, init: RequestInit = {}): Promise<T> {
    return requestAPI<T>(endPoint, this.settings, init);
  }
}

/**
 * Call a route of the server extension.
 *
 * @returns the JSON of the answer, undefined where it has no body.
 * @throws SessionExportError; the reason of `init.signal` when that was aborted.
 */
export async function requestAPI<T>(
  endPoint: string,
  settings: ServerConnection.ISettings,
  init: RequestInit = {}
): Promise<T> {
  const url = URLExt.join(settings.baseUrl, NAMESPACE, endPoint);
  const limited = new AbortController();
  const abort = () => {
    limited.abort();
  };
  const timer = setTimeout(abort, PATIENCE);
  init.signal?.addEventListener('abort', abort);
  try {
    init.signal?.throwIfAborted();
    const response = await ServerConnection.makeRequest(
      url,
      { ...init, signal: limited.signal },
      settings
    );
    const body = await response.text();
    if (!response.ok) {
      throw refusal(response.status, parse(body));
    }
    if (!body) {
      return undefined as T;
    }
    const data = parse(body);
    if (typeof data !== 'object' || data === null) {
      throw new SessionExportError(
        BAD_ANSWER,
        `No JSON from ${url}`,
        null,
        response.status
      );
    }
    return data as T;
  } catch (reason) {
    init.signal?.throwIfAborted();
    if (reason instanceof SessionExportError) {
      throw reason;
    }
    throw new SessionExportError(
      SERVER_UNREACHABLE,
      `No answer from ${url}`,
      String(reason)
    );
  } finally {
    clearTimeout(timer);
    init.signal?.removeEventListener('abort', abort);
  }
}

/** A newer server may know states that this front end doesn't. */
export function understood({ recording }: IRecordingAnswer): IRecording {
  const state = RECORDING_STATES.find(known => known === recording?.state);
  return {
    state: state ?? 'unknown',
    reason: recording?.reason ?? null,
    ...(recording?.notebooks_off && { notebooks_off: recording.notebooks_off }),
    ...(recording?.notebooks_off_by_settings && {
      notebooks_off_by_settings: recording.notebooks_off_by_settings
    })
  };
}

function exportPath(id: string): string {
  return `exports/${encodeURIComponent(id)}`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function isErrorBody(body: unknown): body is Partial<IErrorBody> & { code: string } {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string'
  );
}

/** An error without a code comes from Jupyter itself, or from a proxy before it. */
function refusal(status: number, body: unknown): SessionExportError {
  if (isErrorBody(body)) {
    return new SessionExportError(
      body.code,
      body.message ?? '',
      body.detail ?? null,
      status
    );
  }
  const code = { 401: UNAUTHENTICATED, 403: FORBIDDEN, 404: NOT_INSTALLED }[status];
  // JupyterHub answers 424 for a server that it has stopped.
  const unreachable = status === 424 || (status >= 502 && status <= 504);
  return new SessionExportError(
    code ?? (unreachable ? SERVER_UNREACHABLE : BAD_ANSWER),
    `HTTP ${status}`,
    null,
    status
  );
}
