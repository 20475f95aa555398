/** What a screen reader is told of exports: seldom while they go on, always when they end. */
import type { IExportJob } from '../api';

/** Milliseconds between two announcements of progress. */
const CALM = 5_000;

/** Progress is told in steps of so many percent. */
const STEP = 25;

export interface IAnnouncement {
  kind: 'begun' | 'progress' | 'ready' | 'failed' | 'cancelled' | 'expired';
  job: IExportJob;
  /** A multiple of 25. */
  percent: number;
}

export class Announcer {
  /** What is new since the last time; null where there is nothing to say. */
  next(jobs: readonly IExportJob[], now: number): IAnnouncement | null {
    const changes = jobs.map(job => this._change(job)).filter(change => change !== null);
    const said = changes.find(change => change.kind !== 'progress') ?? changes[0] ?? null;
    if (said === null || (said.kind === 'progress' && now - this._at < CALM)) {
      return null;
    }
    this._at = now;
    this._known.set(said.job.id, mark(said.job));
    return said;
  }

  /** Take what is there as known. */
  begin(jobs: readonly IExportJob[]): void {
    this._known = new Map(jobs.map(job => [job.id, mark(job)]));
  }

  private _change(job: IExportJob): IAnnouncement | null {
    const before = this._known.get(job.id);
    if (before === mark(job)) {
      return null;
    }
    const percent = step(job);
    if (job.state === 'preparing') {
      return { kind: before === undefined ? 'begun' : 'progress', job, percent };
    }
    return { kind: job.state, job, percent: 100 };
  }

  private _at = -CALM;
  private _known = new Map<string, string>();
}

function step(job: IExportJob): number {
  return Math.floor(job.progress.percent / STEP) * STEP;
}

function mark(job: IExportJob): string {
  return job.state === 'preparing' ? `preparing ${step(job)}` : job.state;
}
