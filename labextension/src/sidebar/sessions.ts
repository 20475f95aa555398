/** The owner's sessions as the server last told of them. Knows no widget. */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { SessionExportError } from '../errors';
import type { ISessionsApi } from './api';
import { DEFAULT_CHOICE, type IChoice } from './choice';
import type { IOwnFile, ISession, IStats } from './contract';

/** How many sessions are asked for, and how many more each time. */
export const PAGE = 50;

/** Milliseconds after which a session's content is looked at again, changed or not. */
const OLD = 15_000;

/** What an expanded session shows besides its description. */
export interface IDetails {
  readonly stats: IStats | null;
  readonly files: readonly IOwnFile[] | null;
  readonly error: SessionExportError | null;
}

interface IKnownDetails extends IDetails {
  readonly mark: string;
  readonly at: number;
}

const NOTHING: IDetails = { stats: null, files: null, error: null };

export class SessionsModel implements IDisposable {
  constructor(
    private readonly api: ISessionsApi,
    private readonly now: () => number = () => Date.now()
  ) {}

  /** Newest first; null before the first answer. */
  get sessions(): readonly ISession[] | null {
    return this._sessions;
  }

  /** How many there are, listed or not. */
  get total(): number {
    return this._total;
  }

  /** Why the last look failed. */
  get error(): SessionExportError | null {
    return this._error;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  isExpanded(id: string): boolean {
    return this._expanded.has(id);
  }

  details(id: string): IDetails {
    return this._details.get(id) ?? NOTHING;
  }

  choice(id: string): IChoice {
    return this._choices.get(id) ?? DEFAULT_CHOICE;
  }

  choose(id: string, change: (choice: IChoice) => IChoice): void {
    this._choices.set(id, change(this.choice(id)));
    this._changed.emit();
  }

  /** Expand or fold; never rejects. */
  async toggle(session: ISession): Promise<void> {
    if (this._expanded.delete(session.id)) {
      this._changed.emit();
      return;
    }
    this._expanded.add(session.id);
    this._changed.emit();
    await this._lookInto(session);
    this._changed.emit();
  }

  /** List more of them. */
  more(): Promise<void> {
    this._limit += PAGE;
    return this.renew();
  }

  /** Ask the server. Never rejects; `error` tells. */
  refresh(): Promise<void> {
    this._looking ??= this._look().finally(() => {
      this._looking = null;
    });
    return this._looking;
  }

  /** Ask the server once more than what is under way: something has just been changed. */
  async renew(): Promise<void> {
    await this._looking;
    this._details.forEach((known, id) => this._details.set(id, { ...known, mark: '' }));
    await this.refresh();
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private async _look(): Promise<void> {
    try {
      const page = await this.api.sessions(this._limit);
      this._sessions = page.sessions;
      this._total = page.total;
      this._error = null;
    } catch (reason) {
      this._error = SessionExportError.from(reason);
      this._changed.emit();
      return;
    }
    this._expandCurrent();
    this._forget();
    this._changed.emit();
    const expanded = this._sessions.filter(session => this._expanded.has(session.id));
    await Promise.all(expanded.map(session => this._lookInto(session)));
    this._changed.emit();
  }

  /** A session that is current for the first time is shown in full. */
  private _expandCurrent(): void {
    for (const session of this._sessions ?? []) {
      if (isCurrent(session) && !this._met.has(session.id)) {
        this._met.add(session.id);
        this._expanded.add(session.id);
      }
    }
  }

  /** Keep nothing of sessions that are gone. */
  private _forget(): void {
    const ids = new Set(this._sessions?.map(session => session.id));
    for (const kept of [this._expanded, this._met, this._details, this._choices]) {
      for (const id of kept.keys()) {
        if (!ids.has(id)) {
          kept.delete(id);
        }
      }
    }
  }

  /** Look at a session's content if it may be another than before. */
  private async _lookInto(session: ISession): Promise<void> {
    const known = this._details.get(session.id);
    const mark = JSON.stringify([session.counts, session.bytes, session.last_active_at]);
    const at = this.now();
    if (known && !known.error && known.mark === mark && at - known.at < OLD) {
      return;
    }
    const [stats, files] = await Promise.allSettled([
      this.api.stats(session.id),
      this.api.files(session.id)
    ]);
    const failed = [stats, files].find(one => one.status === 'rejected');
    this._details.set(session.id, {
      stats: stats.status === 'fulfilled' ? stats.value : (known?.stats ?? null),
      files: files.status === 'fulfilled' ? files.value : (known?.files ?? null),
      error: failed ? SessionExportError.from(failed.reason) : null,
      mark,
      at
    });
  }

  private _changed = new Signal<this, void>(this);
  private readonly _choices = new Map<string, IChoice>();
  private readonly _details = new Map<string, IKnownDetails>();
  private _error: SessionExportError | null = null;
  private readonly _expanded = new Set<string>();
  private _isDisposed = false;
  private _limit = PAGE;
  private _looking: Promise<void> | null = null;
  private readonly _met = new Set<string>();
  private _sessions: readonly ISession[] | null = null;
  private _total = 0;
}

/** Whether what runs now belongs to it. */
export function isCurrent(session: ISession): boolean {
  return session.this_server && session.ended_at === null;
}
