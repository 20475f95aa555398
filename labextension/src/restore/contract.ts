/** What the server tells of the runs of a notebook's cells. */
import type { IOutput } from '@jupyterlab/nbformat';
import type { PartialJSONObject } from '@lumino/coreutils';

export type RunStatus =
  'running' | 'queued' | 'ok' | 'error' | 'aborted' | 'interrupted' | 'lost';

/** One execution of one cell. */
export interface IRun {
  session_id: string;
  /** Within its session; null for what waits for its kernel. */
  number: number | null;
  kernel_id: string;
  msg_id: string;
  cell_id: string;
  execution_count: number | null;
  status: RunStatus;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  source_sha256: string;
  /** How many outputs it has, as a front end shows them; null until the record is settled. */
  outputs: number | null;
  bytes: number;
  /** Null until the record is settled, and where there is too much output. */
  outputs_digest: string | null;
  /** The record has not all of its output. */
  truncated: boolean;
  /** Its kernel lives, and is the notebook's. */
  current_kernel: boolean;
}

export interface ISourcedRun extends IRun {
  source: string;
}

export interface IRunsPage {
  /** The newest first. */
  runs: ISourcedRun[];
  /** Where the next page begins; null where this is the last one. */
  next: string | null;
}

export interface IRunOutputs {
  run: IRun;
  outputs: IOutput[];
  metadata: { execution?: PartialJSONObject };
  /** Where outputs are that later messages may change, by display id. */
  displays?: Record<string, number[]>;
  position: IPosition;
  /** What it waits for a person to answer. */
  question?: IQuestion | null;
}

/** What a kernel asks by `input()`. */
export interface IQuestion {
  /** How many the run has asked before. */
  number: number;
  prompt: string;
  password: boolean;
}

/** Where a page goes on with the outputs of a run. */
export interface IPosition {
  /** The ids of the newest messages that are in the outputs. */
  messages: string[];
  /** When the first of them was sent, where older ones are in the outputs, too. */
  oldest_date: string | null;
  /** Where in the last stream's text its next character goes; null where no stream is last. */
  cursor: number | null;
  /** The next output clears those before it. */
  clear_pending: boolean;
}

/** Runs of a cell that its notebook no longer has. */
export interface IDeletedCell {
  cell_id: string;
  runs: number;
  last: ISourcedRun;
}

/** Tell whether a run is not over. */
export function isGoingOn({ status }: Pick<IRun, 'status'>): boolean {
  return status === 'running' || status === 'queued';
}

/** What a page shows in a cell's prompt: a kernel that dies doesn't tell the number. */
export function shownCount(run: Pick<IRun, 'status' | 'execution_count'>): number | null {
  return run.status === 'lost' || isGoingOn(run) ? null : run.execution_count;
}

/** What names a run among all of its owner's. */
export function runKey({
  session_id,
  msg_id
}: Pick<IRun, 'session_id' | 'msg_id'>): string {
  return `${session_id}/${msg_id}`;
}

/** How many outputs runs have; one that goes on may have none yet, and has some soon. */
export function countOutputs(runs: readonly IRun[]): number {
  return runs.reduce((sum, run) => sum + Math.max(run.outputs ?? 1, +isGoingOn(run)), 0);
}
