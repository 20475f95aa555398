/** What the server tells of the runs of a notebook's cells. */
import type { IOutput } from '@jupyterlab/nbformat';
import type { PartialJSONObject } from '@lumino/coreutils';

export type RunStatus =
  'running' | 'queued' | 'ok' | 'error' | 'aborted' | 'interrupted' | 'lost';

/** One execution of one cell. */
export interface IRun {
  session_id: string;
  /** Within its session. */
  number: number;
  kernel_id: string;
  msg_id: string;
  cell_id: string;
  execution_count: number | null;
  status: RunStatus;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  source_sha256: string;
  /** How many outputs it has, as a front end shows them. */
  outputs: number;
  bytes: number;
  /** Null while it goes on. */
  outputs_digest: string | null;
  /** The record has not all of its output. */
  truncated: boolean;
  /** Its kernel lives, and is the notebook's. */
  current_kernel: boolean;
}

export interface ISourcedRun extends IRun {
  source: string;
}

/** How far a run's messages are in its outputs. */
export interface IPosition {
  /** The ids of the newest messages, in their order. */
  messages: string[];
  /** When the first of them was made, in the kernel's words, if others came before it. */
  oldest_date?: string | null;
  count: number;
  /** Where in the last stream's text its next character goes; null where that is no stream. */
  cursor?: number | null;
  /** The next output clears those before it. */
  clear_pending?: boolean;
}

export interface IRunOutputs {
  run: IRun;
  outputs: IOutput[];
  metadata: { execution?: PartialJSONObject };
  /** Where outputs are that later messages may change, by display id. */
  displays?: Record<string, number[]>;
  position: IPosition;
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
  number
}: Pick<IRun, 'session_id' | 'number'>): string {
  return `${session_id}/${number}`;
}
