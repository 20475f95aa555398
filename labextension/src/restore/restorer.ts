/** Brings what was recorded back into one open notebook, and takes it out again. */
import type { IDisposable } from '@lumino/disposable';

import { SessionExportError } from '../errors';
import type { IRunsApi } from './api';
import type { IRestorable } from './cell';
import { Comparison } from './comparison';
import { isGoingOn, runKey, type IRun, type IRunOutputs } from './contract';
import type { Declined } from './declined';
import { Leaves } from './leaves';
import { Lookout } from './lookout';
import type { IOpenNotebook } from './notebook';
import type { IOutcome, ITells, Mode } from './offers';
import { pause as wait, type Pause } from './pause';
import { NotebookRecord } from './record';
import { Stage, type IAsks } from './stage';
import { isUnchanged } from './survey';

/** How many runs are asked for at the same time. */
const AT_ONCE = 4;

export interface IRestorerOptions {
  api: IRunsApi;
  asks: IAsks;
  declined: Declined;
  mode: () => Mode;
  notebook: IOpenNotebook;
  tells: ITells;
  pause?: Pause;
}

export class Restorer implements IDisposable {
  constructor(private readonly options: IRestorerOptions) {
    const { api, asks, declined, mode, notebook, pause = wait, tells } = options;
    const record = new NotebookRecord(api, () => notebook.path, pause);
    this._record = record;
    this._comparison = new Comparison({ declined, notebook, pause, record });
    this._stage = new Stage({
      asks,
      notebook,
      record,
      pause,
      failed: error => {
        tells.failed(error);
      }
    });
    this._lookout = new Lookout({
      comparison: this._comparison,
      mode,
      restoring: () => {
        const since = this._leaves.now;
        return runs => this._restoreAll(runs, since);
      },
      tells,
      isDisposed: () => this.isDisposed
    });
  }

  get isDisposed(): boolean {
    return this._stage.isDisposed;
  }

  get canUndo(): boolean {
    return this._stage.canUndo;
  }

  /**
   * Compare with the record, and do what the setting says. Never rejects.
   *
   * Who asks for it is offered all, also what was declined, and by the setting `never`.
   */
  look(isAsked = false): Promise<void> {
    return this._lookout.look(isAsked);
  }

  /**
   * Bring runs back into their cells, where they still are the newest, and newer than what
   * is shown. Never rejects; the outcome tells.
   */
  async restore(runs: readonly IRun[]): Promise<IOutcome> {
    const since = this._leaves.now;
    const asked = new Set(runs.map(runKey));
    try {
      const { sure, unsure, changed, awaited } = await this._comparison.now(true);
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
    const { notebook } = this.options;
    const { run } = found;
    const cell = this._stage.cell(cellId);
    if (cell && isGoingOn(run) && run.current_kernel && notebook.kernel) {
      notebook.letGo(cellId);
      await this._stage.follow(cell, run, notebook.kernel);
    } else if (cell) {
      this._stage.replace(cell, found);
    }
  }

  /** Put back what restoring has replaced, where nothing has come since. */
  undo(): void {
    this.decline(this._stage.undo());
  }

  decline(runs: readonly IRun[]): void {
    this.options.declined.add(runs.map(runKey));
  }

  /** A cell shows something else now: don't touch it any more. */
  leave(cellId: string): void {
    this._leaves.add(cellId);
    this._stage.stop(cellId);
    this.options.tells.withdraw(cellId);
  }

  /** A person has cleared cells: what they showed isn't offered again. */
  async cleared(cellIds: ReadonlySet<string>): Promise<void> {
    cellIds.forEach(id => {
      this.leave(id);
    });
    const runs = await this._record.runs();
    this.decline(runs.filter(run => cellIds.has(run.cell_id)));
  }

  /** The kernel that ran it has gone: what goes on is over. */
  kernelGone(): void {
    this._stage.kernelGone();
  }

  dispose(): void {
    this._stage.dispose();
  }

  /** Bring these back, except into cells that were left since then. */
  private async _restoreAll(runs: readonly IRun[], since: number): Promise<IOutcome> {
    const outcome: IOutcome = { restored: [], changed: 0, error: null };
    const left = [...runs];
    const work = async () => {
      for (let run = left.shift(); run && !this.isDisposed; run = left.shift()) {
        await this._restoreInto(run, since, outcome);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return outcome;
  }

  private async _restoreInto(run: IRun, since: number, outcome: IOutcome): Promise<void> {
    try {
      const cell = this._stage.cell(run.cell_id);
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
    if (this._leaves.has(run.cell_id, since)) {
      return false;
    }
    const { kernel } = this.options.notebook;
    if (isGoingOn(run) && kernel) {
      await this._stage.follow(cell, run, kernel);
      return true;
    }
    const source = cell.sharedModel.getSource();
    const found = await this._record.outputs(run);
    const now = this._stage.cell(run.cell_id);
    const isSame = now?.sharedModel.getSource() === source;
    const isWanted = isSame && !this._leaves.has(run.cell_id, since);
    if (!now || this.isDisposed || !isWanted || isGoingOn(found.run)) {
      return false;
    }
    this._stage.replace(now, found);
    return true;
  }

  private readonly _comparison: Comparison;
  private readonly _leaves = new Leaves();
  private readonly _lookout: Lookout;
  private readonly _record: NotebookRecord;
  private readonly _stage: Stage;
}
