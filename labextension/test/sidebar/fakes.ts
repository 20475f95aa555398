/** A server with sessions and exports, and a person who answers questions. */
import { nullTranslator } from '@jupyterlab/translation';

import type { IExportJob, ILedger, ILeftOut, ISending } from '../../src/api';
import type { IAsk, IQuestion } from '../../src/sidebar/actions';
import type { IExportsApi, ISessionsApi } from '../../src/sidebar/api';
import {
  SECTIONS,
  type IOwnFile,
  type IRemoved,
  type ISession,
  type ISessionPage,
  type IStats,
  type PurgeScope
} from '../../src/sidebar/contract';
import { job } from '../fakes';

export const trans = nullTranslator.load('jupyter_session_export');

/** Noon: the time in all tests. */
export const NOW = Date.parse('2026-11-20T12:00:00Z');

export function session(changes: Partial<ISession> = {}): ISession {
  return {
    id: 's1',
    number: 42,
    owner: 'ada',
    guest: false,
    started_at: '2026-11-20T09:55:00Z',
    ended_at: null,
    expires_at: '2026-11-21T11:00:00Z',
    last_active_at: '2026-11-20T11:00:00Z',
    recording: { state: 'on', reason: null },
    kernels: [{ id: 'k1', name: 'python3', state: 'idle', notebook: 'a.ipynb' }],
    counts: { notebooks: 1, executions: 12, errors: 2, kernels: 1 },
    bytes: 1_500_000,
    this_server: true,
    ...changes
  };
}

export const ended = (changes: Partial<ISession> = {}): ISession =>
  session({
    id: 's0',
    number: 41,
    ended_at: '2026-11-17T12:00:00Z',
    expires_at: null,
    recording: { state: 'ended', reason: null },
    kernels: [],
    this_server: false,
    ...changes
  });

export function stats(id = 's1'): IStats {
  const figures = SECTIONS.map(name => [name, { entries: 2, bytes: 1000 }] as const);
  return { session_id: id, sections: Object.fromEntries(figures) };
}

export function file(path = 'single/a.csv', bytes = 2048): IOwnFile {
  const category = path.split('/')[0] ?? '';
  return { path, category, bytes, modified: '2026-11-20T11:30:00Z' };
}

export function watched(changes: Partial<IExportJob> = {}): IExportJob {
  const base = job();
  return {
    ...base,
    ...changes,
    progress: { ...base.progress, ...changes.progress }
  };
}

/** An export at so many percent. */
export function at(percent: number, changes: Partial<IExportJob> = {}): IExportJob {
  const progress = {
    ...watched().progress,
    stage: 'compressing',
    percent,
    entries_done: percent,
    entries_total: 100,
    bytes_per_second: 2_000_000,
    remaining: 30
  };
  return watched({ progress, ...changes });
}

export const finished = (changes: Partial<IExportJob> = {}): IExportJob =>
  watched({
    state: 'ready',
    bytes: 10_000_000,
    finished_at: '2026-11-20T11:58:00Z',
    ...changes
  });

export function transfer(changes: Partial<ISending> = {}): ISending {
  return {
    started_at: '2026-11-20T11:59:00Z',
    first_byte: 0,
    total_bytes: 10_000_000,
    sent_bytes: 2_500_000,
    ...changes
  };
}

export function leftOut(path: string, changes: Partial<ILeftOut> = {}): ILeftOut {
  return {
    path,
    source: `/data/${path}`,
    disposition: 'skipped',
    reason: 'It is a socket.',
    bytes: null,
    ...changes
  };
}

export class FakeSidebarApi implements ISessionsApi, IExportsApi {
  /** What was asked for, in order. */
  readonly asked: string[] = [];
  listed: ISession[] = [session(), ended()];
  jobs: IExportJob[] = [];
  files_: IOwnFile[] = [file()];
  stats_: IStats = stats();
  leftOut_: ILeftOut[] = [];
  removed: IRemoved = { executions: 3, bytes: 1234 };
  /** What the next call of a name fails with. */
  readonly failures = new Map<string, Error>();

  sessions(limit: number): Promise<ISessionPage> {
    return this._answer(`sessions ${limit}`, {
      sessions: this.listed.slice(0, limit),
      total: this.listed.length
    });
  }

  stats(id: string): Promise<IStats> {
    return this._answer(`stats ${id}`, this.stats_);
  }

  files(id: string): Promise<IOwnFile[]> {
    return this._answer(`files ${id}`, this.files_);
  }

  setSessionRecording(id: string, state: string): Promise<void> {
    return this._answer(`recording ${id} ${state}`, undefined);
  }

  purge(id: string, scope: PurgeScope): Promise<IRemoved> {
    return this._answer(`purge ${id} ${JSON.stringify(scope)}`, this.removed);
  }

  end(id: string, shutDownKernels: boolean): Promise<void> {
    return this._answer(`end ${id} ${String(shutDownKernels)}`, undefined);
  }

  remove(id: string): Promise<void> {
    return this._answer(`remove ${id}`, undefined);
  }

  deleteFile(id: string, path: string): Promise<void> {
    return this._answer(`delete ${id} ${path}`, undefined);
  }

  exports(): Promise<IExportJob[]> {
    return this._answer('exports', this.jobs);
  }

  leftOut(id: string, offset: number, limit: number): Promise<ILedger> {
    return this._answer(`leftOut ${id} ${offset} ${limit}`, {
      left_out: this.leftOut_.slice(offset, offset + limit),
      total: this.leftOut_.length
    });
  }

  cancel(id: string): Promise<void> {
    return this._answer(`cancel ${id}`, undefined);
  }

  fileUrl(id: string, path: string): string {
    return `/sessions/${id}/files/${path}`;
  }

  filesUrl(id: string, category: string): string {
    return `/sessions/${id}/files/download?category=${category}`;
  }

  downloadUrl(id: string): string {
    return `/exports/${id}/download`;
  }

  count(name: string): number {
    return this.asked.filter(one => one.startsWith(name)).length;
  }

  private _answer<T>(asked: string, answer: T): Promise<T> {
    this.asked.push(asked);
    const failure = this.failures.get(asked.split(' ')[0] ?? '');
    return failure ? Promise.reject(failure) : Promise.resolve(answer);
  }
}

/** Answers each question with the next of `answers`, yes when there is none. */
export class FakeAsk implements IAsk {
  readonly questions: IQuestion[] = [];
  answers: boolean[] = [];
  scope: PurgeScope | null = { scope: 'all' };

  confirm(question: IQuestion): Promise<boolean> {
    this.questions.push(question);
    return Promise.resolve(this.answers.shift() ?? true);
  }

  purge(): Promise<PurgeScope | null> {
    return Promise.resolve(this.scope);
  }
}
