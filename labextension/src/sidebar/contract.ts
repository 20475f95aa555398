/** What the server tells of sessions and their content. */
import type { IRecording } from '../api';

/** The sections of a ZIP, in its order. */
export const SECTIONS = [
  'code',
  'executions',
  'debug',
  'logs',
  'recordings',
  'data',
  'outputs',
  'workspace'
] as const;

export type Section = (typeof SECTIONS)[number];

export type Compression = 'maximum' | 'fast';

export interface IKernel {
  id: string;
  name: string;
  /** starting, idle, busy, dead, … */
  state: string;
  notebook: string | null;
}

export interface ICounts {
  notebooks: number;
  executions: number;
  errors: number;
  kernels: number;
}

export interface ISession {
  id: string;
  number: number;
  owner: string;
  guest: boolean;
  started_at: string;
  ended_at: string | null;
  /** Null where sessions never end by themselves. */
  expires_at: string | null;
  last_active_at: string;
  recording: IRecording;
  /** Those that live now. */
  kernels: IKernel[];
  /** Null where they are not known: of an old or damaged record. */
  counts: ICounts | null;
  /** What its folder takes on disk; null where that is not known. */
  bytes: number | null;
  /** Whether the server that answered writes this session. */
  this_server: boolean;
}

export interface ISessionPage {
  sessions: ISession[];
  total: number;
}

/** What a section would bring into a ZIP. */
export interface ISectionFigures {
  entries: number;
  /** Before compression. */
  bytes: number;
}

export interface IStats {
  session_id: string;
  /** Null for a section that would take too long to measure. */
  sections?: Partial<Record<Section, ISectionFigures | null>>;
}

export interface IOwnFile {
  path: string;
  category: string;
  bytes: number;
  modified: string;
}

/** What to remove of a record. */
export type PurgeScope =
  | { scope: 'all' }
  | { notebook: string }
  | { execution: number }
  | { last_seconds: number };

export interface IRemoved {
  executions: number;
  bytes: number;
}
