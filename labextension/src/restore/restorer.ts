/** Brings what was recorded back into one open notebook, and takes it out again. */
import type { IDisposable } from '@lumino/disposable';

import {
  FORBIDDEN,
  NOT_INSTALLED,
  SERVER_UNREACHABLE,
  SessionExportError,
  UNAUTHENTICATED
} from '../errors';
import type { IRunsApi } from './api';
import { contentAfter, contentOf, put, type IContent, type IRestorable } from './cell';
import { isShorter } from './comparing';
import {
  countOutputs,
  isGoingOn,
  runKey,
  type IPosition,
  type IRun,
  type IRunOutputs
} from './contract';
import type { Declined } from './declined';
import { canonical } from './digest';
import { DisplayWatch } from './displays';
import { LiveRun, type IHeard } from './live';
import { isUnchanged, survey, type ISurvey } from './survey';

/** How many runs are asked for at the same time. */
const AT_ONCE = 4;

/** Milliseconds that a page may still wait for the end of a run that is over. */
const PATIENCE = 3_000;

/** How often a run that is over is asked for until it is settled, and every how many milliseconds. */
const LOOKS = 10;
const SETTLING = 300;

/** There is no server to ask, or none that answers this page. */
const AWAY = [SERVER_UNREACHABLE, NOT_INSTALLED, UNAUTHENTICATED, FORBIDDEN];

export type Mode = 'ask' | 'always' | 'never';

/** An open notebook, as far as restoring goes. */
export interface IOpenNotebook {
  readonly path: string;
  readonly kernel: (IHeard & { readonly id: string }) | null;
  /** It keeps when its cells ran. */
  readonly keepsTiming: boolean;
  cells(): ReadonlyMap<string, IRestorable>;
  /** No longer wait for what a cell ran. */
  letGo(cellId: string): void;
}

export interface IOutcome {
  /** The runs whose outputs are back. */
  restored: IRun[];
  /** So many cells have other code by now, and were left alone. */
  changed: number;
  error: SessionExportError | null;
}

/** What can be brought back. */
export interface IOffer {
  sure: IRun[];
  /** Where the page may show more, or a later run that wasn't recorded. */
  unsure: IRun[];
  /** So many cells have other code by now. */
  changed: number;
}

/** Who tells a person, and asks. */
export interface ITells {
  offer(offer: IOffer): void;
  nothing(changed: number): void;
  restored(outcome: IOutcome): void;
  failed(error: SessionExportError): void;
  /** A cell shows something else now: what was offered for it is out of date. */
  withdraw(cellId: string): void;
}

export interface IRestorerOptions {
  api: IRunsApi;
  declined: Declined;
  mode: () => Mode;
  notebook: IOpenNotebook;
  tells: ITells;
  pause?: (milliseconds: number) => Promise<void>;
}

/** What a cell showed, and what it was made to show. */
interface IChange {
  run: IRun;
  before: IContent;
  /** Null while it goes on. */
  after: string | null;
}

export class Restorer implements IDisposable {
  constructor(private readonly options: IRestorerOptions) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get canUndo(): boolean {
    return this._changes.size > 0;
  }

  /**
   * Compare with the record, and do what the setting says. Never rejects.
   *
   * Who asks for it is offered all, also what was declined, and by the setting `never`.
   */
  async look(isAsked = false): Promise<void> {
    this._isDue = true;
    this._isAsked ||= isAsked;
    this._looking ??= this._lookWhileDue().finally(() => {
      this._looking = null;
    });
    return this._looking;
  }

  /**
   * Bring runs back into their cells, where they still are the newest, and newer than what
   * is shown. Never rejects; the outcome tells.
   */
  async restore(runs: readonly IRun[]): Promise<IOutcome> {
    const since = this._leaves;
    const asked = new Set(runs.map(runKey));
    try {
      const { sure, unsure, changed, awaited } = await this._survey(true);
      const found = [...sure, ...unsure, ...changed, ...awaited];
      return await this._restoreAll(
        found.filter(run => asked.has(runKey(run))),
        since
      );
    } catch (reason) {
      return { restored: [], changed: 0, error: SessionExportError.from(reason) };
    }
  }

  /** Show this run in a cell, whatever it shows now, and go on with it. */
  async show(cellId: string, found: IRunOutputs): Promise<void> {
    const cell = this._cell(cellId);
    if (!cell) {
      return;
    }
    const { kernel } = this.options.notebook;
    const { run } = found;
    this._note(run, cell);
    this._stop(cellId);
    this.options.notebook.letGo(cellId);
    if (isGoingOn(run) && run.current_kernel && kernel) {
      await this._follow(run, kernel);
    } else {
      this._show(cellId, found);
    }
  }

  /** Put back what restoring has replaced, where nothing has come since. */
  undo(): void {
    const cells = this.options.notebook.cells();
    for (const [id, change] of this._changes) {
      const cell = cells.get(id);
      if (cell && this._isOurs(change, cell)) {
        this._stop(id);
        put(cell, change.before);
        this.options.declined.add([runKey(change.run)]);
      }
    }
    this._changes.clear();
  }

  decline(runs: readonly IRun[]): void {
    this.options.declined.add(runs.map(runKey));
  }

  /** A cell shows something else now: don't touch it any more. */
  leave(cellId: string): void {
    this._leaves += 1;
    this._left.set(cellId, this._leaves);
    this._stop(cellId);
    this.options.tells.withdraw(cellId);
  }

  /** A person has cleared cells: what they showed isn't offered again. */
  async cleared(cellIds: ReadonlySet<string>): Promise<void> {
    cellIds.forEach(id => {
      this.leave(id);
    });
    const runs = await this.options.api.cells(this.options.notebook.path);
    this.decline(runs.filter(run => cellIds.has(run.cell_id)));
  }

  /** The kernel that ran it has gone: what goes on is over. */
  kernelGone(): void {
    this._live.forEach(live => void live.finish());
    this._displays.forEach(watch => {
      watch.dispose();
    });
    this._displays.clear();
  }

  dispose(): void {
    this._isDisposed = true;
    [...this._live.keys(), ...this._displays.keys()].forEach(id => {
      this._stop(id);
    });
    this._changes.clear();
  }

  private _stop(cellId: string): void {
    this._live.get(cellId)?.dispose();
    this._live.delete(cellId);
    this._displays.get(cellId)?.dispose();
    this._displays.delete(cellId);
  }

  private async _lookWhileDue(): Promise<void> {
    while (this._isDue && !this._isDisposed) {
      this._isDue = false;
      try {
        await this._lookOnce();
      } catch (reason) {
        this._tellFailed(SessionExportError.from(reason));
      }
    }
  }

  /** Who has asked for nothing needn't read here, too, that the server is away. */
  private _tellFailed(error: SessionExportError): void {
    if (this._wasAsked || !AWAY.includes(error.code)) {
      this.options.tells.failed(error);
    }
  }

  private async _lookOnce(): Promise<void> {
    const { mode, tells } = this.options;
    const since = this._leaves;
    const isAsked = this._isAsked;
    this._wasAsked = isAsked;
    this._isAsked = false;
    if (mode() === 'never' && !isAsked) {
      return;
    }
    const { sure, unsure, changed } = await this._compared(isAsked);
    if (this._isDisposed) {
      return;
    }
    const isAtOnce = mode() === 'always' && !isAsked;
    if (isAtOnce && sure.length > 0) {
      tells.restored(await this._restoreAll(sure, since));
    }
    const offer = { sure: isAtOnce ? [] : sure, unsure, changed: changed.length };
    // Where only numbers are missing nobody needs to be asked.
    if (countOutputs([...offer.sure, ...unsure]) > 0) {
      tells.offer(offer);
    } else if (isAsked) {
      tells.nothing(changed.length);
    }
  }

  /** Compare; look twice at what the page still waits for. */
  private async _compared(isAsked: boolean): Promise<ISurvey> {
    const first = await this._survey(isAsked);
    if (first.awaited.length === 0) {
      return first;
    }
    await this._pause(PATIENCE);
    const second = await this._survey(isAsked);
    const known = new Set(first.awaited.map(runKey));
    const stuck = second.awaited.filter(run => known.has(runKey(run)));
    return {
      ...second,
      sure: [...second.sure, ...stuck.filter(run => !this._isShorter(run))],
      unsure: [...second.unsure, ...stuck.filter(run => this._isShorter(run))]
    };
  }

  private _isShorter(run: IRun): boolean {
    return isShorter({ outputs: this._cell(run.cell_id)?.outputs.length ?? 0 }, run);
  }

  private async _survey(isAsked: boolean): Promise<ISurvey> {
    const { api, declined, notebook } = this.options;
    const runs = await api.cells(notebook.path);
    return survey(runs, {
      cells: notebook.cells(),
      kernelId: notebook.kernel?.id ?? null,
      declined: isAsked ? new Set() : declined.all(),
      outputs: run => api.outputs(run)
    });
  }

  /** Bring these back, except into cells that were left since then. */
  private async _restoreAll(runs: readonly IRun[], since: number): Promise<IOutcome> {
    const outcome: IOutcome = { restored: [], changed: 0, error: null };
    const left = [...runs];
    const work = async () => {
      for (let run = left.shift(); run && !this._isDisposed; run = left.shift()) {
        await this._restoreInto(run, since, outcome);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return outcome;
  }

  private async _restoreInto(run: IRun, since: number, outcome: IOutcome): Promise<void> {
    try {
      const cell = this._cell(run.cell_id);
      if (!cell) {
        return;
      }
      if (!(await isUnchanged(cell, run))) {
        outcome.changed += 1;
      } else if (await this._bringBack(run, cell, since)) {
        outcome.restored.push(run);
      }
    } catch (reason) {
      outcome.error ??= SessionExportError.from(reason);
    }
  }

  /** Tell whether it was brought back. */
  private async _bringBack(
    run: IRun,
    cell: IRestorable,
    since: number
  ): Promise<boolean> {
    if (this._wasLeft(run.cell_id, since)) {
      return false;
    }
    const { kernel } = this.options.notebook;
    if (isGoingOn(run) && kernel) {
      this._note(run, cell);
      await this._follow(run, kernel);
      return true;
    }
    const source = cell.sharedModel.getSource();
    const found = await this.options.api.outputs(run);
    const now = this._cell(run.cell_id);
    const isSame = now?.sharedModel.getSource() === source;
    const isWanted = isSame && !this._wasLeft(run.cell_id, since);
    if (!now || this._isDisposed || !isWanted || isGoingOn(found.run)) {
      return false;
    }
    this._note(run, now);
    this._stop(run.cell_id);
    this.options.notebook.letGo(run.cell_id);
    this._show(run.cell_id, found);
    return true;
  }

  /** What a run has put out; what waits for its kernel has no number to ask by. */
  private async _fetch(run: IRun): Promise<IRunOutputs> {
    const { api, notebook } = this.options;
    if (run.number !== null) {
      return api.outputs(run);
    }
    const now = (await api.cells(notebook.path)).find(
      ({ msg_id }) => msg_id === run.msg_id
    );
    return now && now.number !== null ? api.outputs(now) : nothing(now ?? run);
  }

  /** What a run has put out, once the record has all of it, or doesn't get there. */
  private async _final(run: IRun): Promise<IRunOutputs> {
    const { api, notebook } = this.options;
    for (let looks = LOOKS; looks > 0; looks--) {
      const runs = await api.cells(notebook.path);
      const now = runs.find(({ msg_id }) => msg_id === run.msg_id);
      if (!now || now.outputs !== null || now.status === 'aborted') {
        break;
      }
      await this._pause(SETTLING);
    }
    return this._fetch(run);
  }

  /** Keep what a cell shows; of several restorings in turn what it showed before all of them. */
  private _note(run: IRun, cell: IRestorable): void {
    const last = this._changes.get(cell.id);
    const before = last && this._isOurs(last, cell) ? last.before : contentOf(cell);
    this._changes.set(cell.id, { run, before, after: null });
  }

  /** Tell whether a cell shows what it was made to show. */
  private _isOurs({ after }: IChange, cell: IRestorable): boolean {
    return this._live.has(cell.id) || after === shownText(cell);
  }

  private _wasLeft(cellId: string, since: number): boolean {
    return (this._left.get(cellId) ?? 0) > since;
  }

  private async _follow(run: IRun, kernel: IHeard): Promise<void> {
    this._stop(run.cell_id);
    const live = new LiveRun({
      run,
      kernel,
      cell: () => this._cell(run.cell_id),
      fetch: () => this._fetch(run),
      final: () => this._final(run),
      ended: found => {
        this._live.delete(run.cell_id);
        this._show(run.cell_id, found);
      },
      failed: reason => {
        this._live.delete(run.cell_id);
        const cell = this._cell(run.cell_id);
        if (cell) {
          cell.executionState = 'idle';
        }
        this.options.tells.failed(SessionExportError.from(reason));
      },
      pause: this._pause
    });
    this._live.set(run.cell_id, live);
    await live.begin();
  }

  /** Show a run that is over, as a tab that stayed open would. */
  private _show(id: string, found: IRunOutputs): void {
    const { kernel, keepsTiming } = this.options.notebook;
    const cell = this._cell(id);
    if (!cell || this._isDisposed) {
      return;
    }
    const content = contentAfter(found, keepsTiming);
    // Outputs that are right are not drawn again.
    put(cell, content, canonical(content.outputs) !== shownText(cell));
    const change = this._changes.get(id);
    if (change) {
      change.after = shownText(cell);
    }
    if (kernel && found.run.current_kernel && Object.keys(found.displays ?? {}).length) {
      this._displays.get(id)?.dispose();
      const watch = new DisplayWatch(kernel, () => this._cell(id), found.displays);
      this._displays.set(id, watch);
    }
  }

  private _cell(id: string): IRestorable | null {
    const cell = this.options.notebook.cells().get(id);
    return cell && !cell.isDisposed ? cell : null;
  }

  private readonly _pause = (milliseconds: number): Promise<void> =>
    this.options.pause?.(milliseconds) ??
    new Promise(resolve => {
      setTimeout(resolve, milliseconds);
    });

  private readonly _changes = new Map<string, IChange>();
  private readonly _displays = new Map<string, DisplayWatch>();
  private _isAsked = false;
  private _isDisposed = false;
  private _isDue = false;
  private _leaves = 0;
  /** The number of the last leave of each cell. */
  private readonly _left = new Map<string, number>();
  private readonly _live = new Map<string, LiveRun>();
  private _wasAsked = false;
  private _looking: Promise<void> | null = null;
}

function shownText(cell: IRestorable): string {
  return canonical(cell.outputs.toJSON());
}

const BEGINNING: IPosition = {
  messages: [],
  oldest_date: null,
  cursor: null,
  clear_pending: false
};

/** A run that has not begun. */
function nothing(run: IRun): IRunOutputs {
  return { run, outputs: [], metadata: {}, position: BEGINNING };
}
